using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>A segment of a chain.</summary>
/// <param name="Reference">Where it is, and which key groups count.</param>
/// <param name="Info">What the whole segment says of itself.</param>
internal sealed record ChainedSegment(SegmentReference Reference, SegmentInfo Info);
