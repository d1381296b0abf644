namespace StreamKit.State;

/// <summary>The keys of a <see cref="LargeMap{TKey,TValue}"/> whose hashes begin with the same bits: their entries are one row.</summary>
/// <param name="start">The lowest hash.</param>
/// <param name="depth">How many bits they have in common.</param>
internal sealed class MapBucket<TKey>(uint start, int depth) : ValuePart
    where TKey : notnull
{
    /// <summary>With entries of some tens of bytes a row has up to four kilobytes.</summary>
    public const int MaxEntries = 96;

    private const int FirstCapacity = 8;

    /// <summary>Bytes of a row at which its bucket is divided, if it can be: so rows have some kilobytes, whatever the size of entries.</summary>
    private const int MaxRowSize = 8192;

    private TKey[] _keys = [];

    public uint Start => start;

    public int Depth { get; private set; } = depth;

    public int Count { get; private set; }

    /// <summary>In no order.</summary>
    public ReadOnlySpan<TKey> Keys => _keys.AsSpan(0, Count);

    /// <summary>Whether segments may have a row of it.</summary>
    public bool MayBeStored { get; set; }

    /// <summary>The length of its row when it was last written.</summary>
    public int RowSize { get; set; }

    /// <summary>The first hash behind it; 2^32 for the last one.</summary>
    public long End => start + (1L << (32 - Depth));

    public bool ShouldDivide => Count > MaxEntries || (RowSize > MaxRowSize && Count > 1);

    /// <summary>Adds a key.</summary>
    /// <returns>Its place among the keys.</returns>
    public int Add(TKey key)
    {
        if (Count == _keys.Length)
            Array.Resize(ref _keys, Math.Max(FirstCapacity, Count * 2));
        _keys[Count] = key;
        return Count++;
    }

    /// <summary>Takes a key out; the last one comes in its place.</summary>
    public void RemoveAt(int place)
    {
        Count--;
        _keys[place] = _keys[Count];
        _keys[Count] = default!; // nobody reads it, and a reference must not keep its object alive
    }

    /// <summary>Takes all keys out of a bucket that keeps the lower half of its hashes.</summary>
    /// <param name="keys">Receives the keys.</param>
    /// <returns>A bucket for the upper half.</returns>
    public MapBucket<TKey> Divide(out ReadOnlySpan<TKey> keys)
    {
        keys = Keys;
        _keys = [];
        Count = 0;
        RowSize = 0;
        uint bit = 1U << (31 - Depth++);
        return new MapBucket<TKey>(start | bit, Depth);
    }
}
