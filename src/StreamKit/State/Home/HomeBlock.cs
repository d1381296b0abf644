namespace StreamKit.State;

/// <summary>A verified block of a segment that stays in memory, with signs on every sixteenth row to find a key by. Immutable but for the mark of its use.</summary>
internal sealed class HomeBlock
{
    // A sign costs four bytes, a row passed on the way from one some ten nanoseconds.
    private const int RowsPerSign = 16;

    // The objects around the bytes.
    private const int Overhead = 200;

    private readonly SegmentBlock _rows;
    private readonly int[] _signs;
    private bool _isUsed;

    /// <summary>Creates a block.</summary>
    /// <param name="segment">The segment it is of.</param>
    /// <param name="rows">The block; its bytes must be its own.</param>
    /// <param name="count">The number of its rows.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <exception cref="CheckpointDamagedException">It does not hold that many rows.</exception>
    public HomeBlock(HomeSegment segment, SegmentBlock rows, int count, int length)
    {
        Segment = segment;
        _rows = rows;
        _signs = new int[(count + RowsPerSign - 1) / RowsPerSign];
        Size = length + (_signs.Length * sizeof(int)) + Overhead;
        int position = 0;
        int row = 0;
        for (int start = 0; rows.TryRead(ref position, out _); start = position, row++)
        {
            if (row < count && row % RowsPerSign == 0)
            {
                _signs[row / RowsPerSign] = start;
            }
        }

        if (row != count)
        {
            throw new CheckpointDamagedException(segment.Name, $"block {rows.Index}", $"it has {row} rows, its index says {count}");
        }
    }

    public HomeSegment Segment { get; }

    /// <summary>The number of the block in its segment.</summary>
    public int Index => _rows.Index;

    /// <summary>The memory it takes, in bytes.</summary>
    public int Size { get; }

    /// <summary>Notes that somebody looked into it.</summary>
    public void Use()
    {
        // Written only when it changes, so that the cores that read the block need not pass a cache line round.
        if (!Volatile.Read(ref _isUsed))
        {
            Volatile.Write(ref _isUsed, true);
        }
    }

    /// <summary>Whether somebody has looked into it since this was asked last.</summary>
    public bool TakeUse()
    {
        bool wasUsed = Volatile.Read(ref _isUsed);
        Volatile.Write(ref _isUsed, false);
        return wasUsed;
    }

    /// <summary>The position of the first row that is not before the rows of a key.</summary>
    public int Seek(int keyGroup, int stateId, ReadOnlySpan<byte> key)
    {
        int low = 0;
        int high = _signs.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (IsBefore(_signs[middle], keyGroup, stateId, key, out _))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        int position = low == 0 ? 0 : _signs[low - 1];
        while (IsBefore(position, keyGroup, stateId, key, out int next))
        {
            position = next;
        }

        return position;
    }

    /// <summary>Reads the row at a position and steps behind it; false at the end of the block.</summary>
    public bool TryRead(ref int position, out SegmentRow row) => _rows.TryRead(ref position, out row);

    private bool IsBefore(int position, int keyGroup, int stateId, ReadOnlySpan<byte> key, out int next)
    {
        next = position;
        return _rows.TryRead(ref next, out SegmentRow row) && row.CompareTo(keyGroup, stateId, key, default) < 0;
    }
}
