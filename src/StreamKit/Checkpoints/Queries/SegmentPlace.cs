namespace StreamKit.Checkpoints;

/// <summary>Where the bytes of a segment are. What is in one place never changes, so a segment that several checkpoints name is mounted once.</summary>
internal readonly record struct SegmentPlace(string? ObjectName, ReadOnlyMemory<byte> Inline, long Offset, long Length, uint Checksum)
{
    public static SegmentPlace Of(SegmentReference reference) => new(reference.ObjectName, reference.Inline, reference.Offset, reference.Length, reference.Checksum);
}
