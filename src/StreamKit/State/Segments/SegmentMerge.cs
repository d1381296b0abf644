using System.Buffers.Binary;

namespace StreamKit.State;

/// <summary>
/// The union of segments in the order of age: of rows with the same key the newest segment's wins, and some rows hide more than their own.
/// Reads block by block, so it holds one block per segment. Used by one thread at a time.
/// </summary>
/// <remarks>
/// A tombstone hides from older segments all rows of its state and key whose sub-key begins with its own, so one at the empty sub-key deletes
/// the key's whole state. A value at the empty sub-key does the same: it replaces whatever there was. Rows of one segment do not hide each
/// other: behind a tombstone at the empty sub-key, they say what the state was replaced by.
/// Where tombstones are kept, a tombstone must not give its place to a value that hides less. So it is a rule for all states that a value's
/// sub-key, unless empty, is never the beginning of another sub-key: nothing is left to hide below it. A merge that sees this broken throws.
/// </remarks>
internal sealed class SegmentMerge : IDisposable
{
    private readonly Cursor[] _cursors;
    private readonly RowShadows _shadows;
    private readonly bool _keepsTombstones;
    private Cursor? _current;

    // The first row behind the one at hand that another segment has: up to it, nobody else needs to be asked.
    private Cursor? _runnerUp;
    private bool _isAlone;

    /// <summary>Creates a merge.</summary>
    /// <param name="segments">The segments with the key groups that count in each, from the oldest to the newest.</param>
    /// <param name="keepsTombstones">False to leave tombstones out, right only when no older segment has key groups in common with these.</param>
    public SegmentMerge(IReadOnlyList<(SegmentReader Segment, KeyGroupRange KeyGroups)> segments, bool keepsTombstones)
        : this([.. segments.Select(static each => MergeInput.Of(each.Segment, each.KeyGroups))], keepsTombstones)
    {
    }

    /// <summary>Creates a merge of parts of segments.</summary>
    /// <param name="inputs">The parts, from the oldest segment's to the newest's.</param>
    /// <param name="keepsTombstones">False to leave tombstones out.</param>
    public SegmentMerge(IReadOnlyList<MergeInput> inputs, bool keepsTombstones)
    {
        _cursors = [.. inputs.Select(static (input, age) => new Cursor(input, age))];
        _shadows = new RowShadows(_cursors.Length);
        _keepsTombstones = keepsTombstones;
    }

    /// <summary>The row at hand; valid until the next <see cref="MoveNextAsync"/>.</summary>
    public SegmentRow Current => (_current ?? throw new InvalidOperationException("There is no row at hand.")).Row;

    /// <summary>The place of the row's segment in the order of age; the oldest is 0.</summary>
    public int CurrentAge => (_current ?? throw new InvalidOperationException("There is no row at hand.")).Age;

    /// <summary>Goes to the next row; false after the last one.</summary>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        do
        {
            if (_isAlone)
            {
                await _current!.MoveAsync(cancellationToken); // what is alone is at hand
            }
            else
            {
                await MoveAllAsync(cancellationToken);
            }

            ChooseNext();
        }
        while (_current is not null && !IsInForce(_current));

        return _current is not null;
    }

    public void Dispose()
    {
        foreach (Cursor cursor in _cursors)
        {
            cursor.Dispose();
        }
    }

    private async ValueTask MoveAllAsync(CancellationToken cancellationToken)
    {
        foreach (Cursor cursor in _cursors)
        {
            if (cursor.MustMove)
            {
                await cursor.MoveAsync(cancellationToken);
            }
        }
    }

    private void ChooseNext()
    {
        if (!_isAlone || !_current!.HasRow || (_runnerUp is not null && _current.CompareTo(_runnerUp) >= 0))
        {
            ChooseAmongAll();
        }
    }

    /// <summary>The first row of all; the newest segment's where several have it. All that have it move on next time.</summary>
    private void ChooseAmongAll()
    {
        (_current, _runnerUp, _isAlone) = (null, null, false);
        foreach (Cursor cursor in _cursors)
        {
            cursor.MustMove = false;
            if (!cursor.HasRow)
            {
                continue;
            }

            int order = _current is null ? -1 : cursor.CompareTo(_current);
            if (order > 0)
            {
                _runnerUp = _runnerUp is null || cursor.CompareTo(_runnerUp) < 0 ? cursor : _runnerUp;
                continue;
            }

            if (order < 0)
            {
                Stay(cursor.Age);
                _runnerUp = _current;
            }

            _isAlone = order < 0;
            _current = cursor;
            cursor.MustMove = true;
        }
    }

    private void Stay(int count)
    {
        foreach (Cursor cursor in _cursors.AsSpan(0, count))
        {
            cursor.MustMove = false;
        }
    }

    /// <summary>Whether the row at hand is part of the union; and takes note of what it hides.</summary>
    private bool IsInForce(Cursor current)
    {
        SegmentRow row = current.Row;
        int hiding = _shadows.Pass(row, current.Age, _isAlone || row.IsTombstone ? RowShadows.None : NewestTombstone());
        // A tombstone below one that stays in the union has nothing to add to it.
        return hiding <= current.Age && (!row.IsTombstone || (_keepsTombstones && hiding == RowShadows.None));
    }

    /// <summary>The age of the newest tombstone among the rows with the key of the one at hand.</summary>
    private int NewestTombstone()
    {
        for (int i = _cursors.Length - 1; i >= 0; i--)
        {
            if (_cursors[i].MustMove && _cursors[i].Row.IsTombstone)
            {
                return i;
            }
        }

        return RowShadows.None;
    }

    /// <summary>A place in one segment.</summary>
    private sealed class Cursor(MergeInput input, int age) : IDisposable
    {
        private SegmentBlock? _block;
        private int _rowPosition;
        private int _nextPosition;

        // The key group and state of the row at hand, and the first bytes of its key: most rows differ in these, and need not be read to be compared.
        private ulong _group;
        private ulong _key;

        /// <summary>Its segment's place in the order of age; the oldest is 0.</summary>
        public int Age => age;

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

        /// <summary>The order of the rows at hand.</summary>
        public int CompareTo(Cursor other)
        {
            int order = _group.CompareTo(other._group);
            if (order == 0)
            {
                order = _key.CompareTo(other._key);
            }

            return order == 0 ? Row.CompareTo(other.Row) : order;
        }

        public async ValueTask MoveAsync(CancellationToken cancellationToken)
        {
            MustMove = false;
            while (!(HasRow = TryMoveInBlock()))
            {
                _block?.Dispose();
                _block = null;
                _block = await input.Blocks.NextAsync(cancellationToken);
                _nextPosition = 0;
                if (_block is null)
                {
                    return;
                }
            }
        }

        public void Dispose() => _block?.Dispose();

        // What is behind a shorter key counts as zeros, which are not behind any other byte.
        private static ulong FirstBytes(ReadOnlySpan<byte> key)
        {
            if (key.Length >= sizeof(ulong))
            {
                return BinaryPrimitives.ReadUInt64BigEndian(key);
            }

            ulong bytes = 0;
            foreach (byte each in key)
            {
                bytes = (bytes << 8) | each;
            }

            return key.IsEmpty ? 0 : bytes << (8 * (sizeof(ulong) - key.Length));
        }

        private bool TryMoveInBlock()
        {
            if (_block is null)
            {
                return false;
            }

            _rowPosition = _nextPosition;
            while (_block.TryRead(ref _nextPosition, out SegmentRow row))
            {
                if (input.Counts(row))
                {
                    _group = ((ulong)row.KeyGroup << 32) | (uint)row.StateId;
                    _key = FirstBytes(row.Key);
                    return true;
                }

                _rowPosition = _nextPosition;
            }

            return false;
        }
    }
}
