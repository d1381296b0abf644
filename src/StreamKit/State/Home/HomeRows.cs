namespace StreamKit.State;

/// <summary>
/// The rows found for a batch of keys: gathered from any segments in any order, then settled, which leaves those in force. The rule is that of
/// <see cref="SegmentMerge"/>. Part of a <see cref="HomeReadBatch"/>.
/// </summary>
internal sealed class HomeRows
{
    private const int Tombstone = -1;

    private readonly RowOrder _order;
    private readonly RowShadows _shadows = new(0);
    private byte[] _bytes = new byte[4096];
    private Row[] _rows = new Row[64];
    private int[] _starts = new int[65];
    private int _count;
    private int _bytesEnd;
    private bool _isOrdered = true;

    public HomeRows()
    {
        _order = new RowOrder(this);
    }

    /// <summary>The bytes of all rows.</summary>
    public int Length => _bytesEnd;

    /// <summary>The bytes of rows that there is room for.</summary>
    public int Capacity => _bytes.Length;

    public void Clear() => (_count, _bytesEnd, _isOrdered) = (0, 0, true);

    /// <summary>Adds a row, which is copied.</summary>
    /// <param name="key">The place of its key in the batch.</param>
    /// <param name="age">The place of its segment in the order of age.</param>
    /// <param name="row">The row.</param>
    /// <param name="schemaGeneration">That of its segment.</param>
    public void Add(int key, int age, in SegmentRow row, int schemaGeneration)
    {
        int length = row.SubKey.Length + row.Value.Length;
        if (length > _bytes.Length - _bytesEnd)
        {
            Array.Resize(ref _bytes, Math.Max(checked(_bytesEnd + length), (int)Math.Min(2L * _bytes.Length, Array.MaxLength)));
        }

        if (_count == _rows.Length)
        {
            Array.Resize(ref _rows, 2 * _count);
        }

        row.SubKey.CopyTo(_bytes.AsSpan(_bytesEnd));
        row.Value.CopyTo(_bytes.AsSpan(_bytesEnd + row.SubKey.Length));
        _rows[_count] = new Row
        {
            Key = key,
            StateId = row.StateId,
            Age = age,
            SchemaGeneration = schemaGeneration,
            Start = _bytesEnd,
            SubKeyLength = row.SubKey.Length,
            ValueLength = row.IsTombstone ? Tombstone : row.Value.Length,
        };
        _bytesEnd += length;
        _isOrdered &= _count == 0 || _order.Compare(_rows[_count - 1], _rows[_count]) < 0;
        _count++;
    }

    /// <summary>Leaves the rows in force, in order.</summary>
    /// <param name="batch">The keys.</param>
    /// <param name="segments">The number of segments.</param>
    public void Settle(HomeReadBatch batch, int segments)
    {
        if (!_isOrdered)
        {
            MemoryExtensions.Sort(_rows.AsSpan(0, _count), _order);
        }

        if (_starts.Length <= batch.Count)
        {
            _starts = new int[Math.Max(batch.Count + 1, 2 * _starts.Length)];
        }

        int kept = 0;
        int next = 0;
        for (int key = 0; key < batch.Count; key++)
        {
            _starts[key] = kept;
            _shadows.Reset(segments);
            for (int end; next < _count && _rows[next].Key == key; next = end)
            {
                end = EndOfSameRow(next);
                if (IsInForce(next, end, batch))
                {
                    _rows[kept++] = _rows[next];
                }
            }
        }

        _starts[batch.Count] = kept;
        _count = kept;
    }

    public Enumerator Of(int key) => new(this, _starts[key], _starts[key + 1]);

    private int EndOfSameRow(int first)
    {
        int end = first + 1;
        while (end < _count && _rows[end].Key == _rows[first].Key && _rows[end].StateId == _rows[first].StateId && SubKey(_rows[end]).SequenceEqual(SubKey(_rows[first])))
        {
            end++;
        }

        return end;
    }

    /// <summary>Whether the newest of some rows with the same key and sub-key is in force; takes note of what they hide.</summary>
    private bool IsInForce(int newest, int end, HomeReadBatch batch)
    {
        ref readonly Row row = ref _rows[newest];
        var segmentRow = new SegmentRow
        {
            KeyGroup = batch.KeyGroup(row.Key),
            StateId = row.StateId,
            Key = batch.Key(row.Key),
            SubKey = SubKey(row),
            Value = default,
            IsTombstone = row.ValueLength == Tombstone,
        };
        int tombstoneAge = RowShadows.None;
        for (int i = newest + 1; i < end && tombstoneAge == RowShadows.None; i++)
        {
            tombstoneAge = _rows[i].ValueLength == Tombstone ? _rows[i].Age : RowShadows.None;
        }

        int hiding = _shadows.Pass(segmentRow, row.Age, tombstoneAge);
        return hiding <= row.Age && !segmentRow.IsTombstone;
    }

    private ReadOnlySpan<byte> SubKey(in Row row) => _bytes.AsSpan(row.Start, row.SubKeyLength);

    /// <summary>Goes through the rows of a key without allocating.</summary>
    public ref struct Enumerator(HomeRows rows, int start, int end)
    {
        private int _next = start;

        public readonly HomeRow Current
        {
            get
            {
                ref readonly Row row = ref rows._rows[_next - 1];
                return new HomeRow
                {
                    StateId = row.StateId,
                    SubKey = rows.SubKey(row),
                    Value = rows._bytes.AsSpan(row.Start + row.SubKeyLength, row.ValueLength),
                    SchemaGeneration = row.SchemaGeneration,
                };
            }
        }

        public readonly Enumerator GetEnumerator() => this;

        public bool MoveNext() => _next++ < end;
    }

    /// <summary>By key, state and sub-key; of the same, the newest comes first.</summary>
    private sealed class RowOrder(HomeRows rows) : IComparer<Row>
    {
        public int Compare(Row x, Row y)
        {
            int order = x.Key.CompareTo(y.Key);
            order = order == 0 ? x.StateId.CompareTo(y.StateId) : order;
            order = order == 0 ? rows.SubKey(x).SequenceCompareTo(rows.SubKey(y)) : order;
            return order == 0 ? y.Age.CompareTo(x.Age) : order;
        }
    }

    private readonly record struct Row
    {
        public required int Key { get; init; }

        public required int StateId { get; init; }

        public required int Age { get; init; }

        public required int SchemaGeneration { get; init; }

        public required int Start { get; init; }

        public required int SubKeyLength { get; init; }

        public required int ValueLength { get; init; }
    }
}
