namespace StreamKit;

/// <summary>What a state had for some keys in one checkpoint.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="T">The type of what is asked for: values, lists or maps.</typeparam>
public sealed class StateAnswers<TKey, T>
    where TKey : notnull
{
    internal StateAnswers(IReadOnlyDictionary<TKey, T> found, long checkpoint, long timestamp)
    {
        Found = found;
        Checkpoint = checkpoint;
        Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(timestamp);
    }

    /// <summary>The keys that had anything, with what they had. It belongs to the caller.</summary>
    public IReadOnlyDictionary<TKey, T> Found { get; }

    /// <summary>The number of the checkpoint.</summary>
    public long Checkpoint { get; }

    /// <summary>When the checkpoint was complete, by the job's clock.</summary>
    public DateTimeOffset Timestamp { get; }
}
