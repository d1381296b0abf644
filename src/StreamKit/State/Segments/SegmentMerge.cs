namespace StreamKit.State;

/// <summary>
/// The union of segments in the order of age, row by row: of rows with the same key the newest segment's wins. Reads block by block,
/// so it holds one block per segment. Used by one thread at a time.
/// </summary>
internal sealed class SegmentMerge : IDisposable
{
    private readonly Cursor[] _cursors;
    private readonly bool _keepsTombstones;
    private Cursor? _current;

    /// <summary>Creates a merge.</summary>
    /// <param name="segments">The segments with the key groups that count in each, from the oldest to the newest.</param>
    /// <param name="keepsTombstones">False to leave tombstones out, right only when the oldest segment of the range takes part.</param>
    public SegmentMerge(IReadOnlyList<(SegmentReader Segment, KeyGroupRange KeyGroups)> segments, bool keepsTombstones)
    {
        _cursors = [.. segments.Select(s => new Cursor(s.Segment, s.KeyGroups))];
        _keepsTombstones = keepsTombstones;
    }

    /// <summary>The row at hand; valid until the next <see cref="MoveNextAsync"/>.</summary>
    public SegmentRow Current => (_current ?? throw new InvalidOperationException("There is no row at hand.")).Row;

    /// <summary>Goes to the next row; false after the last one.</summary>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        do
        {
            foreach (Cursor cursor in _cursors)
            {
                if (cursor.MustMove)
                {
                    await cursor.MoveAsync(cancellationToken);
                }
            }

            _current = ChooseNext();
        }
        while (_current is { } current && !_keepsTombstones && current.Row.IsTombstone);

        return _current is not null;
    }

    public void Dispose()
    {
        foreach (Cursor cursor in _cursors)
        {
            cursor.Dispose();
        }
    }

    /// <summary>The first row of all; the newest segment's where several have it. All that have it move on next time.</summary>
    private Cursor? ChooseNext()
    {
        Cursor? next = null;
        foreach (Cursor cursor in _cursors)
        {
            if (cursor.HasRow && (next is null || cursor.Row.CompareTo(next.Row) <= 0))
            {
                next = cursor;
            }
        }

        if (next is null)
        {
            return null;
        }

        foreach (Cursor cursor in _cursors)
        {
            cursor.MustMove = cursor.HasRow && (cursor == next || cursor.Row.CompareTo(next.Row) == 0);
        }

        return next;
    }

    /// <summary>A place in one segment.</summary>
    private sealed class Cursor : IDisposable
    {
        private readonly SegmentReader _segment;
        private readonly KeyGroupRange _keyGroups;
        private readonly int _endBlock;
        private int _nextBlock;
        private SegmentBlock? _block;
        private int _rowPosition;
        private int _nextPosition;

        public Cursor(SegmentReader segment, KeyGroupRange keyGroups)
        {
            _segment = segment;
            _keyGroups = keyGroups;
            Range blocks = segment.BlocksOf(keyGroups);
            _nextBlock = blocks.Start.Value;
            _endBlock = blocks.End.Value;
        }

        public bool MustMove { get; set; } = true;

        public bool HasRow { get; private set; }

        public SegmentRow Row
        {
            get
            {
                int position = _rowPosition;
                // Without a block there is no row, and nobody asks.
                _block!.TryRead(ref position, out SegmentRow row);
                return row;
            }
        }

        public async ValueTask MoveAsync(CancellationToken cancellationToken)
        {
            MustMove = false;
            while (!(HasRow = TryMoveInBlock()) && _nextBlock < _endBlock)
            {
                _block?.Dispose();
                _block = await _segment.ReadBlockAsync(_nextBlock++, cancellationToken);
                _nextPosition = 0;
            }
        }

        public void Dispose() => _block?.Dispose();

        private bool TryMoveInBlock()
        {
            if (_block is null)
            {
                return false;
            }

            _rowPosition = _nextPosition;
            while (_block.TryRead(ref _nextPosition, out SegmentRow row))
            {
                if (_keyGroups.Contains(row.KeyGroup))
                {
                    return true;
                }

                _rowPosition = _nextPosition;
            }

            return false;
        }
    }
}
