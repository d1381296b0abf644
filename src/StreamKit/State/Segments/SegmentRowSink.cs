namespace StreamKit.State;

/// <summary>Writes the rows of a cut into a segment.</summary>
internal sealed class SegmentRowSink(SegmentWriter writer) : OrderedRowSink
{
    public override void Add(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value) => writer.Add(KeyGroup, StateId, Key.Span, subKey, value);

    public override ValueTask FlushAsync(CancellationToken cancellationToken) => writer.FlushIfNeededAsync(cancellationToken);
}
