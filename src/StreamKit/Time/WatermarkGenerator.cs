namespace StreamKit;

/// <summary>
/// Makes watermarks in a way of its own. One object per split of a source, or per subtask where the strategy is not directly behind a source;
/// used by one thread at a time. It is made anew after a restart: the watermark never goes back, but what else it remembers is lost.
/// </summary>
/// <typeparam name="T">The record type.</typeparam>
public abstract class WatermarkGenerator<T>
{
    /// <summary>
    /// The watermark: a promise that no record at or before it comes any more. In milliseconds since the Unix epoch; <see cref="long.MinValue"/> for none yet.
    /// Read after each batch of records; a value below the one read before has no effect.
    /// </summary>
    public abstract long Current { get; }

    /// <summary>Called for each record, in order.</summary>
    /// <param name="value">The record; must not be changed.</param>
    /// <param name="timestamp">Its event time in milliseconds since the Unix epoch.</param>
    public abstract void OnRecord(T value, long timestamp);
}
