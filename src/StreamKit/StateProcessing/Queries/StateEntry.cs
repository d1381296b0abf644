namespace StreamKit;

/// <summary>A key that a state had something for in a checkpoint.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="T">The type of what is asked for: values, lists or maps.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="Value">What it had. It belongs to the caller.</param>
/// <param name="Checkpoint">The number of the checkpoint, the same in all entries of one enumeration.</param>
/// <param name="Timestamp">When the checkpoint was complete, by the job's clock.</param>
public readonly record struct StateEntry<TKey, T>(TKey Key, T Value, long Checkpoint, DateTimeOffset Timestamp)
    where TKey : notnull
{
    /// <summary>Takes key and value apart.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">What it had.</param>
    public void Deconstruct(out TKey key, out T value) => (key, value) = (Key, Value);
}
