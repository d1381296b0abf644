using StreamKit.State;

namespace StreamKit.Tests.State;

internal sealed record RecordedRow(int KeyGroup, int StateId, byte[] Key, byte[] SubKey, byte[] Value)
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

    public override void Add(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value) =>
        Rows.Add(new RecordedRow(KeyGroup, StateId, Key.ToArray(), subKey.ToArray(), value.ToArray()));

    public override ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (!gated)
            return ValueTask.CompletedTask;
        _gate = new TaskCompletionSource();
        return new ValueTask(_gate.Task);
    }

    /// <summary>Lets the writer run on to its next flush, on this thread.</summary>
    public void Step() => _gate?.SetResult();
}
