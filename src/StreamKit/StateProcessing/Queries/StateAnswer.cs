using System.Diagnostics.CodeAnalysis;

namespace StreamKit;

/// <summary>What a state had for a key in a checkpoint.</summary>
/// <typeparam name="T">The type of what is asked for: values, lists or maps.</typeparam>
public readonly struct StateAnswer<T>
{
    internal StateAnswer(bool hasValue, T value, long checkpoint, long timestamp)
    {
        HasValue = hasValue;
        Value = value;
        Checkpoint = checkpoint;
        Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(timestamp);
    }

    /// <summary>Whether the key had anything.</summary>
    public bool HasValue { get; }

    /// <summary>What it had; the default of <typeparamref name="T"/> when it had nothing. It belongs to the caller.</summary>
    [MaybeNull]
    public T Value { get; }

    /// <summary>The number of the checkpoint.</summary>
    public long Checkpoint { get; }

    /// <summary>When the checkpoint was complete, by the job's clock.</summary>
    public DateTimeOffset Timestamp { get; }

    /// <summary>Gives what the key had.</summary>
    /// <param name="value">What it had.</param>
    /// <returns>False when it had nothing.</returns>
    public bool TryGet([MaybeNullWhen(false)] out T value)
    {
        value = Value;
        return HasValue;
    }
}
