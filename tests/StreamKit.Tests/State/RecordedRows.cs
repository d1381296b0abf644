using StreamKit.State;

namespace StreamKit.Tests.State;

/// <summary>A row of a cut; a tombstone without a value.</summary>
internal sealed record RecordedRow(int KeyGroup, int StateId, byte[] Key, byte[] SubKey, byte[]? Value)
{
    public static int Compare(RecordedRow left, RecordedRow right)
    {
        int order = left.KeyGroup.CompareTo(right.KeyGroup);
        if (order == 0)
            order = left.StateId.CompareTo(right.StateId);
        if (order == 0)
            order = left.Key.AsSpan().SequenceCompareTo(right.Key);
        return order == 0 ? left.SubKey.AsSpan().SequenceCompareTo(right.SubKey) : order;
    }
}

/// <summary>Keeps the rows of a cut; with a gate, its writing goes on only when <see cref="Step"/> is called.</summary>
internal sealed class RecordedRows(bool gated = false) : OrderedRowSink
{
    private TaskCompletionSource? _gate;

    public List<RecordedRow> Rows { get; } = [];

    public override void AddTombstone(ReadOnlySpan<byte> subKey) => Rows.Add(new RecordedRow(KeyGroup, StateId, Key.ToArray(), subKey.ToArray(), null));

    public override ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (!gated)
            return ValueTask.CompletedTask;
        _gate = new TaskCompletionSource();
        return new ValueTask(_gate.Task);
    }

    protected override void AddRow(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value) =>
        Rows.Add(new RecordedRow(KeyGroup, StateId, Key.ToArray(), subKey.ToArray(), value.ToArray()));

    /// <summary>Lets the writer run on to its next flush, on this thread.</summary>
    public void Step() => _gate?.SetResult();
}

/// <summary>What the cuts of a state, one after the other, add up to.</summary>
internal sealed class RowUnion
{
    private readonly SortedSet<RecordedRow> _rows = new(Comparer<RecordedRow>.Create(RecordedRow.Compare));

    public IReadOnlyCollection<RecordedRow> Rows => _rows;

    public void Apply(IEnumerable<RecordedRow> cut)
    {
        foreach (RecordedRow row in cut)
        {
            if (row.SubKey.Length == 0 || row.Value is null)
                RemoveAll(row);
            if (row.Value is null)
                continue;
            _rows.Remove(row);
            _rows.Add(row);
        }
    }

    // From the sub-key itself to one that begins with it and is longer than any.
    private void RemoveAll(RecordedRow row)
    {
        RecordedRow last = row with { SubKey = [.. row.SubKey, .. Enumerable.Repeat(byte.MaxValue, 32)] };
        foreach (RecordedRow old in _rows.GetViewBetween(row, last).ToList())
            _rows.Remove(old);
    }
}
