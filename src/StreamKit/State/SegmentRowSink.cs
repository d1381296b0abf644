namespace StreamKit.State;

/// <summary>Writes the rows of a cut into a segment.</summary>
internal sealed class SegmentRowSink(SegmentWriter segment) : OrderedRowSink
{
    public override void AddTombstone(ReadOnlySpan<byte> subKey) => segment.AddTombstone(KeyGroup, StateId, Key.Span, subKey);

    public override ValueTask FlushAsync(CancellationToken cancellationToken) => segment.FlushIfNeededAsync(cancellationToken);

    protected override void AddRow(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value) => segment.Add(KeyGroup, StateId, Key.Span, subKey, value);
}
