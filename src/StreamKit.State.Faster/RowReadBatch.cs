using System.Runtime.CompilerServices;
using FASTER.core;

namespace StreamKit.State.Faster;

/// <summary>
/// Keys to look up together, and what was found. Filled by the caller, answered by <see cref="LocalStore.Read"/>, and used again after
/// <see cref="Clear"/>; one thread at a time. Values are valid until then.
/// </summary>
internal sealed unsafe class RowReadBatch : LocalReadBatch
{
    private const int InitialKeys = 64;
    private const int InitialBytes = 4096;

    private byte[] _keyBytes = GC.AllocateUninitializedArray<byte>(InitialBytes, pinned: true);
    private byte[] _values = new byte[InitialBytes];
    private Entry[] _entries = new Entry[InitialKeys];
    private int _keysEnd;
    private int _valuesEnd;
    private int _count;
    private bool _readsChunks;

    public override int Count => _count;

    /// <summary>Adds a key; it is copied. Returns its index.</summary>
    public override int Add(ReadOnlySpan<byte> key)
    {
        var end = _keysEnd + key.Length + 1;
        if (end > _keyBytes.Length)
        {
            var larger = GC.AllocateUninitializedArray<byte>(Math.Max(end, 2 * _keyBytes.Length), pinned: true);
            _keyBytes.AsSpan(0, _keysEnd).CopyTo(larger);
            _keyBytes = larger;
        }

        if (Count == _entries.Length)
            Array.Resize(ref _entries, 2 * Count);
        key.CopyTo(_keyBytes.AsSpan(_keysEnd));
        _keyBytes[end - 1] = RowLayout.RowKey;
        _entries[Count] = new Entry { KeyStart = _keysEnd, KeyLength = key.Length };
        _keysEnd = end;
        return _count++;
    }

    public override void Clear() => (_count, _keysEnd, _valuesEnd) = (0, 0, 0);

    public override ReadOnlySpan<byte> Key(int index) => _keyBytes.AsSpan(_entries[index].KeyStart, _entries[index].KeyLength);

    public override LocalRowStatus Status(int index) => _entries[index].Status;

    /// <summary>The value of a key that was found; empty otherwise.</summary>
    public override ReadOnlySpan<byte> Value(int index) => _values.AsSpan(_entries[index].ValueStart, _entries[index].ValueLength);

    /// <summary>Forgets earlier answers. What no record is found for has this status.</summary>
    internal void BeginRows(LocalRowStatus missing)
    {
        _readsChunks = false;
        _valuesEnd = 0;
        for (var i = 0; i < Count; i++)
            _entries[i] = _entries[i] with { Status = missing, ValueStart = 0, ValueLength = 0, MissingChunks = 0 };
    }

    internal SpanByte RowKey(int index) =>
        SpanByte.FromPointer((byte*)Unsafe.AsPointer(ref _keyBytes[_entries[index].KeyStart]), _entries[index].KeyLength + 1);

    /// <summary>Takes a record's bytes while FASTER holds them; an output that names its place has them put there.</summary>
    internal void Take(ReadOnlySpan<byte> bytes, ref RowOutput output)
    {
        if (output.HasPlace)
        {
            if (bytes.Length == output.Length)
                bytes.CopyTo(_values.AsSpan(output.Start));
            else
                output = default;
            return;
        }

        output = RowOutput.At(Reserve(bytes.Length), bytes.Length);
        bytes.CopyTo(_values.AsSpan(output.Start));
    }

    /// <summary>The record of a row, or the chunk of one, was found.</summary>
    internal void Found(int index, in RowOutput output)
    {
        ref var entry = ref _entries[index];
        if (_readsChunks)
        {
            if (output.HasPlace)
                entry.MissingChunks--;
            return;
        }

        var bytes = _values.AsSpan(output.Start, output.Length);
        switch (bytes[0])
        {
            case RowLayout.Deleted:
                entry.Status = LocalRowStatus.Absent;
                break;
            case RowLayout.Whole:
                (entry.Status, entry.ValueStart, entry.ValueLength) = (LocalRowStatus.Found, output.Start + 1, output.Length - 1);
                break;
            default:
                var (generation, length) = RowLayout.ReadChunkedRow(bytes);
                (entry.Status, entry.Generation, entry.ValueLength) = (LocalRowStatus.Found, generation, length);
                entry.MissingChunks = -1;
                break;
        }
    }

    /// <summary>Makes room for the values that lie in chunks; false if there is none.</summary>
    internal bool BeginChunks(int part)
    {
        _readsChunks = true;
        var any = false;
        for (var i = 0; i < Count; i++)
        {
            ref var entry = ref _entries[i];
            if (entry.MissingChunks == 0)
                continue;
            entry.ValueStart = Reserve(entry.ValueLength);
            entry.MissingChunks = RowLayout.Chunks(entry.ValueLength, part);
            any = true;
        }

        return any;
    }

    /// <summary>The chunks to read of a row, 0 for most, with the value's generation.</summary>
    internal (int Chunks, long Generation) ChunksOf(int index) => (_entries[index].MissingChunks, _entries[index].Generation);

    /// <summary>Where a chunk belongs.</summary>
    internal RowOutput PlaceOf(int index, int chunk, int part)
    {
        var start = chunk * part;
        return RowOutput.At(_entries[index].ValueStart + start, Math.Min(part, _entries[index].ValueLength - start));
    }

    /// <summary>Rows whose chunks are gone have this status; false if there is none.</summary>
    internal bool EndChunks(LocalRowStatus incomplete)
    {
        var any = false;
        for (var i = 0; i < Count; i++)
        {
            ref var entry = ref _entries[i];
            if (entry.MissingChunks == 0)
                continue;
            entry = entry with { Status = incomplete, ValueStart = 0, ValueLength = 0, MissingChunks = 0 };
            any = true;
        }

        return any;
    }

    private int Reserve(int bytes)
    {
        var start = _valuesEnd;
        var end = checked(start + bytes);
        if (end > _values.Length)
            Array.Resize(ref _values, Math.Max(end, (int)Math.Min(2L * _values.Length, Array.MaxLength)));
        _valuesEnd = end;
        return start;
    }

    private record struct Entry
    {
        public int KeyStart;
        public int KeyLength;
        public LocalRowStatus Status;
        public int ValueStart;
        public int ValueLength;
        public int MissingChunks;
        public long Generation;
    }
}
