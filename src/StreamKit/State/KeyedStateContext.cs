namespace StreamKit;

/// <summary>The state of the key at hand.</summary>
public sealed class KeyedStateContext
{
    internal KeyedStateContext()
    {
    }
}
