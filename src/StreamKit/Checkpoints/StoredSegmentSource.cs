using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>A segment in a checkpoint store: each read is a request for what it needs. Whoever reads much in order uses a <see cref="BlockFeed"/>.</summary>
internal sealed class StoredSegmentSource : SegmentSource
{
    private readonly ICheckpointStore _store;
    private readonly string _objectName;
    private readonly long _start;

    private StoredSegmentSource(ICheckpointStore store, string objectName, long start, long length)
    {
        _store = store;
        _objectName = objectName;
        _start = start;
        Length = length;
    }

    public override string Name => _objectName;

    public override long Offset => _start;

    public override long Length { get; }

    /// <summary>The bytes of a segment that a manifest names, wherever they are.</summary>
    public static SegmentSource Of(ICheckpointStore store, SegmentReference reference) => reference.ObjectName is { } name
        ? new StoredSegmentSource(store, name, reference.Offset, reference.Length)
        : new MemorySegmentSource("a segment in the checkpoint's log entry", reference.Inline);

    public override async ValueTask ReadAsync(long offset, Memory<byte> into, CancellationToken cancellationToken)
    {
        if (offset < 0 || offset > Length - into.Length)
        {
            throw new CheckpointDamagedException(_objectName, "length", $"{into.Length} bytes were expected at {offset}, the segment has {Length}");
        }

        await using Stream stream = await _store.OpenReadAsync(_objectName, _start + offset, into.Length, cancellationToken);
        int read = await stream.ReadAtLeastAsync(into, into.Length, throwOnEndOfStream: false, cancellationToken);
        if (read < into.Length)
        {
            throw new CheckpointDamagedException(_objectName, "length", $"it ends {into.Length - read} bytes early, at {_start + offset + read}");
        }
    }
}
