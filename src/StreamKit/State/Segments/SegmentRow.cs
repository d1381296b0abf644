namespace StreamKit.State;

/// <summary>A row of a segment, in the bytes of its block: valid as long as the block is.</summary>
internal readonly ref struct SegmentRow
{
    public required int KeyGroup { get; init; }

    public required int StateId { get; init; }

    public required ReadOnlySpan<byte> Key { get; init; }

    public required ReadOnlySpan<byte> SubKey { get; init; }

    /// <summary>Empty for a tombstone.</summary>
    public required ReadOnlySpan<byte> Value { get; init; }

    /// <summary>True when the row says that an older segment's row of the same key is no more.</summary>
    public required bool IsTombstone { get; init; }

    /// <summary>The order of rows in a segment: key group, state, key, sub-key, bytes compared as unsigned numbers.</summary>
    public int CompareTo(in SegmentRow other) => CompareTo(other.KeyGroup, other.StateId, other.Key, other.SubKey);

    public int CompareTo(int keyGroup, int stateId, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> subKey)
    {
        int order = KeyGroup.CompareTo(keyGroup);
        if (order == 0)
        {
            order = StateId.CompareTo(stateId);
        }

        if (order == 0)
        {
            order = Key.SequenceCompareTo(key);
        }

        return order == 0 ? SubKey.SequenceCompareTo(subKey) : order;
    }
}
