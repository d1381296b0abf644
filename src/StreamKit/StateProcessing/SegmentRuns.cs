using System.IO.Pipelines;
using StreamKit.Checkpoints;
using StreamKit.State;

namespace StreamKit.StateProcessing;

/// <summary>Segments of one state that are written one after the other and have no row in common, merged so that few are left.</summary>
/// <param name="files">Where they are written.</param>
/// <param name="refusal">Makes an exception of what was found wrong.</param>
internal sealed class SegmentRuns(SavepointFiles files, Func<string, StreamKitException> refusal)
{
    /// <summary>Merged at once: a block of each is in memory.</summary>
    private const int MergedAtOnce = 32;

    /// <summary>By level: a run of a level is made of <see cref="MergedAtOnce"/> of the level below, so each row is written once per level.</summary>
    private readonly List<List<ChainedSegment>> _levels = [];

    private long _sequence;

    public async Task AddAsync(Func<PipeWriter, CancellationToken, Task<SegmentInfo>> write, KeyGroupRange keyGroups, CancellationToken cancellationToken)
    {
        if (await files.WriteAsync(write, keyGroups, ++_sequence, cancellationToken) is { } run)
        {
            await AddAsync(run, 0, cancellationToken);
        }
    }

    /// <summary>Merges what is left into one.</summary>
    public async Task<IReadOnlyList<SegmentReference>> CompleteAsync(CancellationToken cancellationToken)
    {
        // Higher levels are older.
        List<ChainedSegment> left = [.. Enumerable.Reverse(_levels).SelectMany(static level => level)];
        while (left.Count > 1)
        {
            int count = Math.Min(MergedAtOnce, left.Count);
            ChainedSegment merged = await MergeAsync(left[..count], cancellationToken);
            left.RemoveRange(0, count);
            left.Insert(0, merged);
        }

        return [.. left.Select(static each => each.Reference)];
    }

    private async Task AddAsync(ChainedSegment run, int level, CancellationToken cancellationToken)
    {
        if (_levels.Count == level)
        {
            _levels.Add([]);
        }

        List<ChainedSegment> runs = _levels[level];
        runs.Add(run);
        if (runs.Count == MergedAtOnce)
        {
            ChainedSegment merged = await MergeAsync(runs, cancellationToken);
            runs.Clear();
            await AddAsync(merged, level + 1, cancellationToken);
        }
    }

    private async Task<ChainedSegment> MergeAsync(IReadOnlyList<ChainedSegment> runs, CancellationToken cancellationToken)
    {
        ChainedSegment merged = await files.MergeAsync([.. runs.Select(static each => each.Reference)], cancellationToken);
        long rows = runs.Sum(static each => each.Info.Rows);
        return merged.Info.Rows == rows
            ? merged
            : throw refusal($"{rows - merged.Info.Rows} rows stand in the way of others, so some keys were given twice.");
    }
}
