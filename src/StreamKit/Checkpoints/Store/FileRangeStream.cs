using Microsoft.Win32.SafeHandles;

namespace StreamKit.Checkpoints;

/// <summary>Reads a range of an open file forward. Owned by its reader.</summary>
internal sealed class FileRangeStream(SafeFileHandle handle, long offset, long length) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => Math.Max(0, Math.Min(length, RandomAccess.GetLength(handle) - offset));

    public override long Position
    {
        get => _position;
        set => throw new InvalidOperationException("The stream is read forward only.");
    }

    public override int Read(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, length - _position);
        int read = wanted == 0 ? 0 : RandomAccess.Read(handle, buffer[..wanted], offset + _position);
        _position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new InvalidOperationException("The stream is read forward only.");

    public override void SetLength(long value) => throw new InvalidOperationException("The stream is read only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new InvalidOperationException("The stream is read only.");

    protected override void Dispose(bool disposing)
    {
        handle.Dispose();
        base.Dispose(disposing);
    }
}
