using StreamKit.Elements;
using StreamKit.Operators;

namespace StreamKit.Runtime;

/// <summary>What one task adds to a checkpoint, from its barrier until it is handed over to be written. Owned by the task's thread until then.</summary>
internal sealed class TaskSnapshot(CheckpointBarrier barrier, OperatorCut[] cuts)
{
    /// <summary>Rows of mutable state that are serialized per slice of the task, small as they usually are.</summary>
    private const int RowsPerSlice = 512;

    /// <summary>How many between two looks at the clock: some ten microseconds.</summary>
    private const int RowsPerLook = 64;

    /// <summary>When rows or pages take longer. A slice is not to be longer than a millisecond.</summary>
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(0.5);

    public CheckpointBarrier Barrier { get; } = barrier;

    public IReadOnlyList<OperatorCut> Cuts { get; } = cuts;

    /// <summary>Serializes a part of what only the owner's thread may read.</summary>
    /// <param name="clock">The job's clock.</param>
    /// <returns>True when nothing of that is left.</returns>
    public bool Advance(TimeProvider clock)
    {
        var start = clock.GetTimestamp();
        for (var left = RowsPerSlice; left > 0; left -= RowsPerLook)
        {
            if (AdvanceCuts())
                return true;
            if (clock.GetElapsedTime(start) >= s_slice)
                return false;
        }

        return false;
    }

    /// <summary>A newer barrier has come, or the task stops: the cut is not written.</summary>
    public void Abandon()
    {
        foreach (var cut in cuts)
            cut.Keyed?.Dispose();
    }

    private bool AdvanceCuts()
    {
        foreach (var cut in cuts)
        {
            if (cut.Keyed is { } keyed && !keyed.Advance(RowsPerLook))
                return false;
        }

        return true;
    }
}
