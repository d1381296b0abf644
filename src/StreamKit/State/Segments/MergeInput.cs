namespace StreamKit.State;

/// <summary>The part of a segment that a <see cref="SegmentMerge"/> goes through.</summary>
/// <param name="Blocks">The blocks that can hold it.</param>
/// <param name="KeyGroups">The key groups that count.</param>
/// <param name="StateId">The state that counts; null for all.</param>
internal sealed record MergeInput(BlockFeed Blocks, KeyGroupRange KeyGroups, int? StateId)
{
    /// <summary>All rows of some key groups.</summary>
    public static MergeInput Of(SegmentReader segment, KeyGroupRange keyGroups)
    {
        (int first, int count) = segment.BlocksOf(keyGroups).GetOffsetAndLength(segment.Blocks);
        return new MergeInput(new BlockFeed(segment, [.. Enumerable.Range(first, count)], run: null), keyGroups, StateId: null);
    }

    public bool Counts(in SegmentRow row) => KeyGroups.Contains(row.KeyGroup) && (StateId is null || row.StateId == StateId);
}
