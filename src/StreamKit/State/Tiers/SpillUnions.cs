namespace StreamKit.State;

/// <summary>Writes the union of spill runs, newest wins.</summary>
internal static class SpillUnions
{
    /// <summary>A fraction of a millisecond's work: then it is somebody else's turn.</summary>
    private const int RowsPerTurn = 1024;

    /// <param name="runs">From the oldest to the newest.</param>
    /// <param name="range">The key groups of the subtask.</param>
    /// <param name="writer">Takes the rows.</param>
    /// <param name="throwIfStopped">Called at each turn.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public static async ValueTask WriteAsync(IReadOnlyList<SpillRun> runs, KeyGroupRange range, SegmentWriter writer, Action throwIfStopped, CancellationToken cancellationToken)
    {
        var segments = new List<(SegmentReader Segment, KeyGroupRange KeyGroups)>();
        foreach (SpillRun run in runs)
            segments.Add((await SegmentReader.OpenAsync(run, run.Checksum, cancellationToken), range));
        using var rows = new SegmentMerge(segments, keepsTombstones: true);
        for (int turn = 1; await rows.MoveNextAsync(cancellationToken); turn++)
        {
            Add(rows.Current, writer);
            await writer.FlushIfNeededAsync(cancellationToken);
            if (turn % RowsPerTurn != 0)
                continue;
            await Task.Yield();
            throwIfStopped();
        }
    }

    private static void Add(SegmentRow row, SegmentWriter writer)
    {
        if (row.IsTombstone)
            writer.AddTombstone(row.KeyGroup, row.StateId, row.Key, row.SubKey);
        else
            writer.Add(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value);
    }
}
