namespace StreamKit.State;

/// <summary>Takes keyed state back from a segment.</summary>
internal static class KeyedStateLoading
{
    /// <summary>Loads the rows of the state's key groups. Before the first batch.</summary>
    public static async ValueTask LoadAsync(this KeyedState state, SegmentReader segment, CancellationToken cancellationToken)
    {
        (int first, int count) = segment.BlocksOf(state.Range).GetOffsetAndLength(segment.Blocks);
        for (int i = first; i < first + count; i++)
        {
            using SegmentBlock block = await segment.ReadBlockAsync(i, cancellationToken);
            Load(state, block);
        }
    }

    private static void Load(KeyedState state, SegmentBlock block)
    {
        foreach (SegmentRow row in block.Rows(state.Range))
        {
            if (row.IsTombstone)
                throw new StreamKitException("A segment of a complete checkpoint holds a deletion: it is damaged, or of a newer version.");
            state.Load(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value);
        }
    }
}
