using StreamKit.Elements;

namespace StreamKit;

/// <summary>What a reader fills: records of one split, and the position behind them. Belongs to the engine; used only during a read.</summary>
/// <typeparam name="T">The record type.</typeparam>
public sealed class SplitBatch<T>
{
    internal SplitBatch() => Batch = BatchPool<T>.Rent();

    internal Batch<T> Batch { get; set; }

    /// <summary>The most records the batch takes, if that is below its capacity: how a source that wraps another one holds it back.</summary>
    internal int Limit { get; set; } = int.MaxValue;

    internal List<(OutputTag Tag, object? Value)> Side { get; } = [];

    /// <summary>How many records can still be added; at least 1 when a read begins.</summary>
    public int Free => Math.Min(Batch.Capacity, Limit) - Batch.Count;

    /// <summary>The number of records added.</summary>
    public int Count => Batch.Count;

    /// <summary>The position of the record after the last one added. Must be set by every read that adds records or side outputs.</summary>
    public SourcePosition Position { get; set; }

    /// <summary>The room for records that a reader can fill directly, before telling by <see cref="Advance"/> how many it wrote.</summary>
    public Span<T> FreeSpan => Batch.Values.AsSpan(Batch.Count, Free);

    /// <summary>Adds a record without a timestamp of its own.</summary>
    /// <param name="value">The record.</param>
    public void Add(T value)
    {
        var batch = Batch;
        batch.Values[batch.Count++] = value;
    }

    /// <summary>Adds a record with the timestamp the source knows. Either all records of a source have one, or none.</summary>
    /// <param name="value">The record.</param>
    /// <param name="timestamp">Milliseconds since the Unix epoch, UTC.</param>
    public void Add(T value, long timestamp)
    {
        var batch = Batch;
        batch.HasTimestamps = true;
        batch.Timestamps[batch.Count] = timestamp;
        batch.Values[batch.Count++] = value;
    }

    /// <summary>Counts records that were written into <see cref="FreeSpan"/>.</summary>
    /// <param name="count">How many; at most <see cref="Free"/>.</param>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Free);
        Batch.Count += count;
    }

    /// <summary>Sends something to a side output of the source, a malformed line for instance.</summary>
    /// <typeparam name="TSide">The side output's type.</typeparam>
    /// <param name="tag">Which side output.</param>
    /// <param name="value">The value.</param>
    public void AddSideOutput<TSide>(OutputTag<TSide> tag, TSide value) => Side.Add((tag, value));
}
