using System.Numerics;
using StreamKit.Serialization;

namespace StreamKit;

/// <summary>Rows that leave memory together. Filled by the engine, read by a local store; one thread at a time.</summary>
public sealed class LocalWriteBatch : IDisposable
{
    private readonly PooledBufferWriter _bytes = new();
    private Row[] _rows = new Row[64];
    private int[] _places = [];
    private int _placed;

    internal LocalWriteBatch()
    {
    }

    /// <summary>The number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>How many rows, from the first on, the store has taken; it counts them.</summary>
    public int Written { get; set; }

    /// <summary>A row's key; at least one byte.</summary>
    /// <param name="row">The row's index.</param>
    public ReadOnlySpan<byte> Key(int row) => _bytes.WrittenSpan[_rows[row].Start.._rows[row].KeyEnd];

    /// <summary>A row's value; empty for a key that is deleted.</summary>
    /// <param name="row">The row's index.</param>
    public ReadOnlySpan<byte> Value(int row) => _bytes.WrittenSpan[_rows[row].KeyEnd.._rows[row].End];

    /// <summary>Whether a row says that its key is deleted.</summary>
    /// <param name="row">The row's index.</param>
    public bool IsDeleted(int row) => _rows[row].KeyEnd == _rows[row].End;

    /// <summary>Gives the memory back. Called by the engine.</summary>
    public void Dispose() => _bytes.Dispose();

    internal PooledBufferWriter Bytes => _bytes;

    internal ReadOnlyMemory<byte> KeyMemory(int row) => _bytes.WrittenMemory[_rows[row].Start.._rows[row].KeyEnd];

    internal void Clear()
    {
        _bytes.Clear();
        Count = Written = _placed = 0;
        Array.Clear(_places);
    }

    /// <summary>Whether a key of a read batch has a row that was not taken yet.</summary>
    internal bool Contains(LocalReadBatch keys, int index)
    {
        if (Written == Count)
            return false;
        Place();
        ReadOnlySpan<byte> key = keys.Key(index);
        for (int place = PlaceOf(key); _places[place] != 0; place = (place + 1) & (_places.Length - 1))
        {
            int row = _places[place] - 1;
            if (row >= Written && Key(row).SequenceEqual(key))
                return true;
        }

        return false;
    }

    /// <summary>The key is what was written to <see cref="Bytes"/> since the row before; the value comes next.</summary>
    internal void EndKey()
    {
        if (Count == _rows.Length)
            Array.Resize(ref _rows, Count * 2);
        _rows[Count] = new Row(Count == 0 ? 0 : _rows[Count - 1].End, _bytes.WrittenCount, 0);
    }

    /// <summary>The value is what was written since the key; none is a deletion.</summary>
    internal void EndRow()
    {
        _rows[Count] = _rows[Count] with { End = _bytes.WrittenCount };
        Count++;
    }

    /// <summary>Puts the rows that came since the last time into a table by the hash of their keys, half of which stays empty.</summary>
    private void Place()
    {
        if (_places.Length < Count * 2)
        {
            _places = new int[(int)BitOperations.RoundUpToPowerOf2((uint)Count * 4)];
            _placed = 0;
        }

        for (; _placed < Count; _placed++)
        {
            int place = PlaceOf(Key(_placed));
            while (_places[place] != 0)
                place = (place + 1) & (_places.Length - 1);
            _places[place] = _placed + 1;
        }
    }

    private int PlaceOf(ReadOnlySpan<byte> key) => (int)(XxHash64.Of(key) & (uint)(_places.Length - 1));

    private readonly record struct Row(int Start, int KeyEnd, int End);
}
