namespace StreamKit.State;

/// <summary>The part of a segment that a <see cref="SegmentMerge"/> goes through.</summary>
/// <param name="Blocks">The blocks that can hold it.</param>
/// <param name="KeyGroups">The key groups that count.</param>
/// <param name="StateId">The state that counts; null for all.</param>
internal sealed record MergeInput(BlockFeed Blocks, KeyGroupRange KeyGroups, int? StateId)
{
    /// <summary>All rows of some key groups.</summary>
    public static MergeInput Of(SegmentReader segment, KeyGroupRange keyGroups) =>
        new(new BlockFeed(segment, segment.ListOf(keyGroups), run: null), keyGroups, StateId: null);

    public bool Counts(in SegmentRow row) => KeyGroups.Contains(row.KeyGroup) && (StateId is null || row.StateId == StateId);
}
