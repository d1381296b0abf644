using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>
/// A segment in a checkpoint store. Reads that follow each other are served from one request of a megabyte, since stores charge and wait
/// per request; a read elsewhere asks for what it needs.
/// </summary>
internal sealed class StoredSegmentSource : SegmentSource
{
    private const int ReadAhead = 1024 * 1024;

    private readonly ICheckpointStore _store;
    private readonly string _objectName;
    private readonly long _start;
    private byte[] _buffer = [];
    private long _bufferOffset;
    private int _buffered;
    private long _expectedNext = -1;

    private StoredSegmentSource(ICheckpointStore store, string objectName, long start, long length)
    {
        _store = store;
        _objectName = objectName;
        _start = start;
        Length = length;
    }

    public override string Name => _objectName;

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

        bool isSequential = offset == _expectedNext;
        _expectedNext = offset + into.Length;
        if (!isSequential && !IsBuffered(offset, into.Length))
        {
            await ReadFromStoreAsync(offset, into, cancellationToken);
            return;
        }

        if (!IsBuffered(offset, into.Length))
        {
            await FillBufferAsync(offset, into.Length, cancellationToken);
        }

        _buffer.AsMemory((int)(offset - _bufferOffset), into.Length).CopyTo(into);
    }

    private bool IsBuffered(long offset, int length) => offset >= _bufferOffset && offset + length <= _bufferOffset + _buffered;

    private async ValueTask FillBufferAsync(long offset, int wanted, CancellationToken cancellationToken)
    {
        int length = (int)Math.Min(Math.Max(wanted, ReadAhead), Length - offset);
        if (_buffer.Length < length)
        {
            _buffer = new byte[length];
        }

        _buffered = 0;
        await ReadFromStoreAsync(offset, _buffer.AsMemory(0, length), cancellationToken);
        (_bufferOffset, _buffered) = (offset, length);
    }

    private async ValueTask ReadFromStoreAsync(long offset, Memory<byte> into, CancellationToken cancellationToken)
    {
        await using Stream stream = await _store.OpenReadAsync(_objectName, _start + offset, into.Length, cancellationToken);
        int read = await stream.ReadAtLeastAsync(into, into.Length, throwOnEndOfStream: false, cancellationToken);
        if (read < into.Length)
        {
            throw new CheckpointDamagedException(_objectName, "length", $"it ends {into.Length - read} bytes early, at {_start + offset + read}");
        }
    }
}
