using System.Buffers.Binary;

namespace StreamKit.State;

/// <summary>
/// Rows serialized on the owner's thread ahead of the writing of a cut: slot to rows, in chunks of bytes.
/// Filled by the owner, then read by the writer; never both at once.
/// </summary>
internal sealed class PendingRows : RowSink
{
    private const int ChunkSize = 64 * 1024;
    private const int PageBits = 10;
    private const int HeaderSize = 8;

    /// <summary>In place of the length of a sub-key: no row, but parts begin.</summary>
    private const int PartsBegin = -1;

    private readonly List<ValuePart> _parts = [];
    private readonly List<Chunk> _chunks = [];
    private long[]?[] _places = []; // by slot: chunk and offset of its first row, plus one
    private long _countPlace;
    private int _count;

    /// <summary>Whether the slot has rows.</summary>
    public bool Has(int slot) => PlaceOf(slot) != 0;

    /// <summary>The rows added from here on are those of a slot.</summary>
    public void Begin(int slot)
    {
        _countPlace = Reserve(sizeof(int), out _);
        _count = 0;
        int page = slot >> PageBits;
        if (page >= _places.Length)
            Array.Resize(ref _places, Math.Max(page + 1, _places.Length * 2));
        (_places[page] ??= new long[1 << PageBits])[slot & ((1 << PageBits) - 1)] = _countPlace + 1;
    }

    public override void BeginParts(ValuePart first)
    {
        Reserve(HeaderSize, out Span<byte> mark);
        BinaryPrimitives.WriteInt32LittleEndian(mark, PartsBegin);
        BinaryPrimitives.WriteInt32LittleEndian(mark[sizeof(int)..], _parts.Count);
        _parts.Add(first);
        _count++;
    }

    public override void Add(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        Reserve(HeaderSize + subKey.Length + value.Length, out Span<byte> row);
        BinaryPrimitives.WriteInt32LittleEndian(row, subKey.Length);
        BinaryPrimitives.WriteInt32LittleEndian(row[sizeof(int)..], value.Length);
        subKey.CopyTo(row[HeaderSize..]);
        value.CopyTo(row[(HeaderSize + subKey.Length)..]);
        _count++;
    }

    /// <summary>No more rows of the slot come.</summary>
    public void End() =>
        BinaryPrimitives.WriteInt32LittleEndian(_chunks[(int)(_countPlace >> 32)].Bytes.AsSpan((int)_countPlace), _count);

    /// <summary>Adds the rows of a slot to another sink.</summary>
    public void Replay(int slot, RowSink sink)
    {
        long place = PlaceOf(slot);
        if (place == 0)
            return;
        int chunk = (int)((place - 1) >> 32);
        int offset = (int)(place - 1);
        int count = BinaryPrimitives.ReadInt32LittleEndian(_chunks[chunk].Bytes.AsSpan(offset));
        offset += sizeof(int);
        for (; count > 0; count--)
        {
            if (offset == _chunks[chunk].Used)
            {
                chunk++;
                offset = 0;
            }

            ReadOnlySpan<byte> row = _chunks[chunk].Bytes.AsSpan(offset);
            int subKeyLength = BinaryPrimitives.ReadInt32LittleEndian(row);
            int valueLength = BinaryPrimitives.ReadInt32LittleEndian(row[sizeof(int)..]);
            if (subKeyLength == PartsBegin)
            {
                sink.BeginParts(_parts[valueLength]);
                offset += HeaderSize;
                continue;
            }

            sink.Add(row.Slice(HeaderSize, subKeyLength), row.Slice(HeaderSize + subKeyLength, valueLength));
            offset += HeaderSize + subKeyLength + valueLength;
        }
    }

    private long PlaceOf(int slot)
    {
        int page = slot >> PageBits;
        return page < _places.Length && _places[page] is { } places ? places[slot & ((1 << PageBits) - 1)] : 0;
    }

    private long Reserve(int size, out Span<byte> bytes)
    {
        if (_chunks.Count == 0 || _chunks[^1].Bytes.Length - _chunks[^1].Used < size)
            _chunks.Add(new Chunk(new byte[Math.Max(ChunkSize, size)]));
        Chunk last = _chunks[^1];
        int offset = last.Used;
        last.Used += size;
        bytes = last.Bytes.AsSpan(offset, size);
        return ((long)(_chunks.Count - 1) << 32) | (uint)offset;
    }

    private sealed class Chunk(byte[] bytes)
    {
        public byte[] Bytes { get; } = bytes;

        public int Used { get; set; }
    }
}
