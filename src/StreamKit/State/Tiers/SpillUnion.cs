namespace StreamKit.State;

/// <summary>What several groups of rows of one state and key come to, added from the oldest to the newest, by the rules of <see cref="SegmentMerge"/>.</summary>
internal sealed class SpillUnion
{
    private readonly SortedDictionary<byte[], Row> _rows = new(Comparer<byte[]>.Create(static (left, right) => left.AsSpan().SequenceCompareTo(right)));
    private int _group;

    /// <summary>The rows in order of their sub-keys; without a value, a tombstone.</summary>
    public IEnumerable<(byte[] SubKey, byte[]? Value)> Rows => _rows.Select(static row => (row.Key, row.Value.Value));

    /// <summary>The rows that come are newer than those before, and do not hide each other.</summary>
    public void BeginGroup() => _group++;

    public void Add(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value, bool isTombstone)
    {
        byte[] added = subKey.ToArray();
        if (isTombstone || subKey.IsEmpty)
        {
            foreach (byte[] hidden in _rows.Where(row => row.Value.Group < _group && row.Key.AsSpan().StartsWith(added)).Select(static row => row.Key).ToList())
                _rows.Remove(hidden);
        }

        // A value takes the place of a tombstone: nothing is ever below a value's sub-key that the tombstone alone had hidden.
        _rows[added] = new Row(_group, isTombstone ? null : value.ToArray());
    }

    private readonly record struct Row(int Group, byte[]? Value);
}
