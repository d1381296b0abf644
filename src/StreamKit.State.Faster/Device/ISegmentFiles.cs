namespace StreamKit.State.Faster;

/// <summary>
/// The files of one store: its log, cut into segments of one size. Reads come from the store's owner, writes from one thread at a time, perhaps
/// another one. What fails is thrown; whether to try again is the device's affair.
/// </summary>
internal interface ISegmentFiles : IDisposable
{
    /// <summary>Reads from a segment that was written before; fewer bytes than asked for is an answer, none means that the file ends there.</summary>
    int Read(int segment, Span<byte> into, long offset);

    /// <summary>Writes all bytes, creating the segment if need be.</summary>
    void Write(int segment, ReadOnlySpan<byte> from, long offset);

    /// <summary>Gives the segment's room back; one that was never written is no mistake.</summary>
    void Delete(int segment);
}
