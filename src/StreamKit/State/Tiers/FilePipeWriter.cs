using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Win32.SafeHandles;

namespace StreamKit.State;

/// <summary>Writes to a file of the local disk on the thread that flushes: the page cache takes it, and nothing has to be awaited.</summary>
internal sealed class FilePipeWriter(SafeFileHandle file) : PipeWriter, IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);

    /// <summary>What has been flushed.</summary>
    public long Length { get; private set; }

    public override void Advance(int bytes) => _buffer.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _buffer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _buffer.GetSpan(sizeHint);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        RandomAccess.Write(file, _buffer.WrittenSpan, Length);
        Length += _buffer.WrittenCount;
        _buffer.ResetWrittenCount();
        return ValueTask.FromResult(default(FlushResult));
    }

    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null)
    {
    }

    public void Dispose() => Complete();
}
