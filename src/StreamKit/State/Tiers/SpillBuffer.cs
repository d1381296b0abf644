using System.Buffers.Binary;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// Changed rows of keys that leave memory, until they are many enough for a file. Groups of rows come in any order, and for one state and key more than once;
/// they are written in the order of segments, newest wins. One thread at a time.
/// </summary>
internal sealed class SpillBuffer : OrderedRowSink
{
    private const int HeaderBytes = 2 * sizeof(int);
    private const int Tombstone = -1;
    private const int LastShortState = byte.MaxValue - 1;

    private readonly PooledBufferWriter _bytes = new(64 * 1024);
    private Group[] _groups = new Group[256];
    private int _count;
    private int _rowsStart;

    /// <summary>The bytes that have gathered.</summary>
    public int Length => _bytes.WrittenCount + (_count * HeaderBytes);

    public bool IsEmpty => _count == 0;

    /// <summary>The rows that come belong to the state and key that are set.</summary>
    public void BeginGroup()
    {
        if (_count == _groups.Length)
            Array.Resize(ref _groups, _count * 2);
        _groups[_count] = new Group { KeyGroup = KeyGroup, StateId = StateId, KeyStart = _bytes.WrittenCount, KeyLength = Key.Length };
        _bytes.Write(Key.Span);
        _rowsStart = _bytes.WrittenCount;
    }

    /// <summary>All rows of the group have come; without any it is dropped.</summary>
    public void EndGroup()
    {
        if (_bytes.WrittenCount == _rowsStart)
        {
            _bytes.Position = _groups[_count].KeyStart;
            return;
        }

        _groups[_count].End = _bytes.WrittenCount;
        _count++;
    }

    public override void AddTombstone(ReadOnlySpan<byte> subKey) => AddRow(subKey, default, Tombstone);

    public override ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Writes all rows in order.</summary>
    public async ValueTask WriteAsync(SegmentWriter segment, CancellationToken cancellationToken)
    {
        int[] order = Sorted();
        for (int first = 0; first < order.Length;)
        {
            int next = first + 1;
            while (next < order.Length && Compare(order[first], order[next]) == 0)
                next++;
            Write(order.AsSpan(first..next), segment);
            await segment.FlushIfNeededAsync(cancellationToken);
            first = next;
        }
    }

    /// <summary>Forgets the rows: they are in a file.</summary>
    public void Clear()
    {
        _bytes.Clear();
        _count = 0;
    }

    public override void Dispose()
    {
        _bytes.Dispose();
        base.Dispose();
    }

    protected override void AddRow(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value) => AddRow(subKey, value, value.Length);

    private void AddRow(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value, int length)
    {
        int bytes = HeaderBytes + subKey.Length + value.Length;
        Span<byte> row = _bytes.GetSpan(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(row, subKey.Length);
        BinaryPrimitives.WriteInt32LittleEndian(row[sizeof(int)..], length);
        subKey.CopyTo(row[HeaderBytes..]);
        value.CopyTo(row[(HeaderBytes + subKey.Length)..]);
        _bytes.Advance(bytes);
    }

    /// <summary>The groups by key group, state and key, those of one key as they came.</summary>
    private int[] Sorted()
    {
        int[] order = new int[_count];
        ulong[] prefixes = new ulong[_count];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
            prefixes[i] = Prefix(_groups[i]);
        }

        Array.Sort(prefixes, order);
        var exact = Comparer<int>.Create((left, right) => Compare(left, right) is var found and not 0 ? found : left.CompareTo(right));
        for (int first = 0; first < order.Length;)
        {
            int next = first + 1;
            while (next < order.Length && prefixes[next] == prefixes[first])
                next++;
            if (next - first > 1)
                Array.Sort(order, first, next - first, exact);
            first = next;
        }

        return order;
    }

    // Most groups differ in their key group, state and the first bytes of their key, which sort as one integer. What does not fit in there is compared as a whole.
    private ulong Prefix(in Group group)
    {
        ulong prefix = (ulong)group.KeyGroup << 48;
        if (group.StateId > LastShortState)
            return prefix | ((ulong)byte.MaxValue << 40);
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        key.Clear();
        KeyOf(group)[..Math.Min(group.KeyLength, sizeof(ulong))].CopyTo(key);
        return prefix | ((ulong)group.StateId << 40) | (BinaryPrimitives.ReadUInt64BigEndian(key) >> 24);
    }

    private int Compare(int left, int right)
    {
        ref readonly Group one = ref _groups[left];
        ref readonly Group other = ref _groups[right];
        int order = one.KeyGroup.CompareTo(other.KeyGroup);
        order = order == 0 ? one.StateId.CompareTo(other.StateId) : order;
        return order == 0 ? KeyOf(one).SequenceCompareTo(KeyOf(other)) : order;
    }

    private ReadOnlySpan<byte> KeyOf(in Group group) => _bytes.WrittenSpan.Slice(group.KeyStart, group.KeyLength);

    private ReadOnlySpan<byte> RowsOf(in Group group) => _bytes.WrittenSpan[(group.KeyStart + group.KeyLength)..group.End];

    /// <summary>Writes what groups of one key come to, from the oldest to the newest.</summary>
    private void Write(ReadOnlySpan<int> groups, SegmentWriter segment)
    {
        ref readonly Group newest = ref _groups[groups[^1]];
        if (groups.Length == 1 || IsWhole(RowsOf(newest)))
        {
            for (ReadOnlySpan<byte> rows = RowsOf(newest); TryRead(ref rows, out ReadOnlySpan<byte> subKey, out ReadOnlySpan<byte> value, out bool isTombstone);)
                Write(newest, subKey, value, isTombstone, segment);
            return;
        }

        var union = new SpillUnion();
        foreach (int group in groups)
        {
            union.BeginGroup();
            for (ReadOnlySpan<byte> rows = RowsOf(_groups[group]); TryRead(ref rows, out ReadOnlySpan<byte> subKey, out ReadOnlySpan<byte> value, out bool isTombstone);)
                union.Add(subKey, value, isTombstone);
        }

        foreach ((byte[] subKey, byte[]? value) in union.Rows)
            Write(newest, subKey, value, value is null, segment);
    }

    private void Write(in Group group, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value, bool isTombstone, SegmentWriter segment)
    {
        if (isTombstone)
            segment.AddTombstone(group.KeyGroup, group.StateId, KeyOf(group), subKey);
        else
            segment.Add(group.KeyGroup, group.StateId, KeyOf(group), subKey, value);
    }

    /// <summary>Whether rows begin with one that voids all older ones.</summary>
    private static bool IsWhole(ReadOnlySpan<byte> rows) => BinaryPrimitives.ReadInt32LittleEndian(rows) == 0;

    private static bool TryRead(ref ReadOnlySpan<byte> rows, out ReadOnlySpan<byte> subKey, out ReadOnlySpan<byte> value, out bool isTombstone)
    {
        subKey = value = default;
        isTombstone = false;
        if (rows.IsEmpty)
            return false;
        int subKeyLength = BinaryPrimitives.ReadInt32LittleEndian(rows);
        int length = BinaryPrimitives.ReadInt32LittleEndian(rows[sizeof(int)..]);
        isTombstone = length == Tombstone;
        subKey = rows.Slice(HeaderBytes, subKeyLength);
        value = rows.Slice(HeaderBytes + subKeyLength, Math.Max(length, 0));
        rows = rows[(HeaderBytes + subKeyLength + value.Length)..];
        return true;
    }

    private struct Group
    {
        public int KeyGroup;
        public int StateId;
        public int KeyStart;
        public int KeyLength;
        public int End;
    }
}
