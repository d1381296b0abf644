using StreamKit.Elements;
using StreamKit.Operators;

namespace StreamKit.Runtime;

/// <summary>What one task adds to a checkpoint, from its barrier until it is handed over to be written. Owned by the task's thread until then.</summary>
internal sealed class TaskSnapshot(CheckpointBarrier barrier, OperatorCut[] cuts)
{
    /// <summary>Rows of mutable state that are serialized per slice of the task: well below a millisecond.</summary>
    private const int RowsPerSlice = 512;

    public CheckpointBarrier Barrier { get; } = barrier;

    public IReadOnlyList<OperatorCut> Cuts { get; } = cuts;

    /// <summary>Serializes a part of what only the owner's thread may read.</summary>
    /// <returns>True when nothing of that is left.</returns>
    public bool Advance()
    {
        foreach (var cut in cuts)
        {
            if (cut.Keyed is { } keyed && !keyed.Advance(RowsPerSlice))
                return false;
        }

        return true;
    }

    /// <summary>A newer barrier has come, or the task stops: the cut is not written.</summary>
    public void Abandon()
    {
        foreach (var cut in cuts)
            cut.Keyed?.Dispose();
    }
}
