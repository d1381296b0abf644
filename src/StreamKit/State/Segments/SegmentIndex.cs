using System.Buffers.Binary;

namespace StreamKit.State;

/// <summary>Where the blocks of a segment are, and with which row each begins. Read once, then shared.</summary>
internal sealed class SegmentIndex
{
    private readonly byte[] _bytes;
    private readonly Entry[] _entries;

    private SegmentIndex(byte[] bytes, Entry[] entries)
    {
        _bytes = bytes;
        _entries = entries;
    }

    public int Count => _entries.Length;

    public ref readonly Entry this[int block] => ref _entries[block];

    /// <exception cref="CheckpointDamagedException">The bytes are not the index that the footer speaks of.</exception>
    public static SegmentIndex Read(string name, SegmentFooter footer, byte[] bytes)
    {
        uint found = SegmentFormat.Crc32C(bytes);
        if (found != footer.IndexChecksum)
        {
            throw Damaged(name, $"its checksum is {found:x8}, expected {footer.IndexChecksum:x8}");
        }

        var entries = new Entry[footer.Blocks];
        int position = 0;
        long offset = 0;
        long filterOffset = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = ReadEntry(name, bytes, ref position, offset, filterOffset, i);
            offset += entries[i].Length;
            filterOffset += entries[i].FilterLength;
        }

        return position == bytes.Length && offset == footer.FiltersOffset && filterOffset == footer.IndexOffset - footer.FiltersOffset
            ? new SegmentIndex(bytes, entries)
            : throw Damaged(name, "its blocks do not fill the segment");
    }

    /// <summary>The blocks that can hold rows of a range of key groups.</summary>
    public Range BlocksOf(KeyGroupRange range)
    {
        if (range.IsEmpty)
        {
            return 0..0;
        }

        int end = FirstBlockBeyond(range.Last);
        int first = FirstBlockBeyond(range.First - 1);
        // The block before may end with rows of the range, whatever it begins with.
        return Math.Max(0, first - 1)..end;
    }

    /// <summary>The only block that can hold a row; -1 when none can.</summary>
    public int BlockOf(int keyGroup, int stateId, ReadOnlySpan<byte> key, ReadOnlySpan<byte> subKey)
    {
        int low = 0;
        int high = _entries.Length - 1;
        while (low <= high)
        {
            int middle = low + ((high - low) / 2);
            if (FirstRow(middle).CompareTo(keyGroup, stateId, key, subKey) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }

    /// <summary>The blocks that can hold rows of a key: one, or more where its rows cross blocks; none when it comes before all rows.</summary>
    public Range BlocksOfKey(int keyGroup, int stateId, ReadOnlySpan<byte> key)
    {
        int first = BlockOf(keyGroup, stateId, key, default);
        int end = first + 1;
        while (end < _entries.Length && _entries[end].KeyGroup == keyGroup && _entries[end].StateId == stateId && FirstRow(end).Key.SequenceEqual(key))
        {
            end++;
        }

        return Math.Max(first, 0)..end;
    }

    /// <summary>The blocks that can hold rows of a state, in order.</summary>
    public List<int> BlocksOfState(int stateId, KeyGroupRange range)
    {
        var blocks = new List<int>();
        for (int keyGroup = range.First; keyGroup <= range.Last; keyGroup++)
        {
            int first = BlockOf(keyGroup, stateId, default, default);
            int next = blocks.Count == 0 ? 0 : blocks[^1] + 1;
            if (first >= next)
            {
                blocks.Add(first);
                next = first + 1;
            }

            for (; next < _entries.Length && _entries[next].KeyGroup == keyGroup && _entries[next].StateId == stateId; next++)
            {
                blocks.Add(next);
            }
        }

        return blocks;
    }

    private SegmentRow FirstRow(int block)
    {
        ref readonly Entry entry = ref _entries[block];
        return new SegmentRow
        {
            KeyGroup = entry.KeyGroup,
            StateId = entry.StateId,
            Key = _bytes.AsSpan(entry.KeyStart, entry.KeyLength),
            SubKey = _bytes.AsSpan(entry.SubKeyStart, entry.SubKeyLength),
            Value = default,
            IsTombstone = false,
        };
    }

    /// <summary>The first block that begins with a higher key group.</summary>
    private int FirstBlockBeyond(int keyGroup)
    {
        int low = 0;
        int high = _entries.Length;
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            if (_entries[middle].KeyGroup <= keyGroup)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static Entry ReadEntry(string name, ReadOnlySpan<byte> bytes, ref int position, long offset, long filterOffset, int block)
    {
        if (!SegmentFormat.TryReadVarint(bytes, ref position, out int length)
            || !SegmentFormat.TryReadVarint(bytes, ref position, out int rows)
            || bytes.Length - position < 5)
        {
            throw Damaged(name, $"the entry of block {block} is cut short");
        }

        byte compression = bytes[position];
        if (compression != SegmentFormat.NoCompression)
        {
            throw new StreamKitException(
                $"Block {block} of the segment '{name}' is compressed by method {compression}, this StreamKit knows none. Run the job with the StreamKit that wrote it, or a newer one.");
        }

        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(position + 1)..]);
        position += 5;
        if (!SegmentFormat.TryReadVarint(bytes, ref position, out int filterLength)
            || !SegmentFormat.TryReadVarint(bytes, ref position, out int keyGroup)
            || !SegmentFormat.TryReadVarint(bytes, ref position, out int stateId)
            || !SegmentFormat.TryReadSpan(bytes, ref position, out int keyStart, out int keyLength)
            || !SegmentFormat.TryReadSpan(bytes, ref position, out int subKeyStart, out int subKeyLength))
        {
            throw Damaged(name, $"the entry of block {block} is cut short");
        }

        return new Entry
        {
            Offset = offset,
            Length = length,
            Rows = rows,
            Checksum = checksum,
            FilterOffset = filterOffset,
            FilterLength = filterLength,
            KeyGroup = keyGroup,
            StateId = stateId,
            KeyStart = keyStart,
            KeyLength = keyLength,
            SubKeyStart = subKeyStart,
            SubKeyLength = subKeyLength,
        };
    }

    private static CheckpointDamagedException Damaged(string name, string finding) => new(name, "index", finding);

    /// <summary>One block. Its first key and sub-key lie in the bytes of the index.</summary>
    public readonly record struct Entry
    {
        public required long Offset { get; init; }

        public required int Length { get; init; }

        public required int Rows { get; init; }

        public required uint Checksum { get; init; }

        /// <summary>From the beginning of the filters.</summary>
        public required long FilterOffset { get; init; }

        public required int FilterLength { get; init; }

        public required int KeyGroup { get; init; }

        public required int StateId { get; init; }

        public required int KeyStart { get; init; }

        public required int KeyLength { get; init; }

        public required int SubKeyStart { get; init; }

        public required int SubKeyLength { get; init; }
    }
}
