using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// How a key becomes its canonical bytes, and comes back. Two keys are equal when these bytes are. Stateless, and safe for concurrent use.
/// </summary>
internal abstract class KeyCodec<TKey>
    where TKey : notnull
{
    /// <summary>The stable 64-bit hash of the canonical bytes; decides the key group.</summary>
    public abstract ulong Hash(TKey key);

    /// <summary>Appends the canonical bytes.</summary>
    public abstract void Write(TKey key, PooledBufferWriter output);

    /// <summary>The key that canonical bytes stand for.</summary>
    public abstract TKey Read(ReadOnlySpan<byte> bytes);
}
