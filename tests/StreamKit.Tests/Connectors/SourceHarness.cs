using Microsoft.Extensions.Logging.Abstractions;

namespace StreamKit.Tests.Connectors;

/// <summary>Drives a source as the engine does, without the engine.</summary>
internal static class SourceHarness
{
    public static SourceContext Context(TimeProvider? clock = null, int parallelism = 1) =>
        new("input", parallelism, 128, clock ?? TimeProvider.System, NullLogger.Instance, new SerializerRegistry());

    public static async Task<IReadOnlyList<SourceSplit>> DiscoverAsync<T>(this Source<T> source)
    {
        IReadOnlyList<SourceSplit> splits = await source.DiscoverSplitsAsync(Context(), default);
        Assert.Equal(splits.Count, splits.Select(split => split.Id).Distinct().Count());
        return [.. splits.OrderBy(split => split.Id, StringComparer.Ordinal)];
    }

    /// <summary>The records of a split from a position on, at most <paramref name="batchSize"/> in each read, with the position behind each read.</summary>
    public static async Task<Reading<T>> ReadAsync<T>(this Source<T> source, SourceSplit split, SourcePosition position = default, int batchSize = int.MaxValue)
    {
        var reading = new Reading<T>();
        var batch = new SplitBatch<T> { Limit = batchSize };
        await using SplitReader<T> reader = source.CreateReader(split, position, Context());
        bool more = true;
        while (more)
        {
            more = await reader.ReadAsync(batch, default);
            Assert.True(!more || batch.Count + batch.Side.Count > 0, "a read that is not the last brought nothing");
            reading.Records.AddRange(batch.Batch.Span);
            reading.Malformed.AddRange(batch.Side.Select(side => (MalformedLine)side.Value!));
            reading.Positions.Add((reading.Records.Count, reading.Malformed.Count, batch.Position));
            batch.Batch.Reset();
            batch.Side.Clear();
        }

        return reading;
    }

    public static async Task<List<T>> ReadAllAsync<T>(this Source<T> source)
    {
        var all = new List<T>();
        foreach (SourceSplit split in await source.DiscoverAsync())
            all.AddRange((await source.ReadAsync(split)).Records);
        return all;
    }
}

internal sealed class Reading<T>
{
    public List<T> Records { get; } = [];

    public List<MalformedLine> Malformed { get; } = [];

    /// <summary>After each read: how many records and malformed lines there were until then, and the position.</summary>
    public List<(int Records, int Malformed, SourcePosition Position)> Positions { get; } = [];
}
