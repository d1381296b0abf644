using System.Buffers;
using System.IO.Pipelines;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>Stores a segment as it is written: a large one is streamed to the store, a small one becomes bytes for the manifest.</summary>
internal static class SegmentUpload
{
    private static readonly PipeOptions s_pipe = new(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 4 << 20,
        resumeWriterThreshold: 1 << 20,
        useSynchronizationContext: true);

    /// <summary>Writes and stores a segment.</summary>
    /// <param name="store">Where it is stored unless it is small.</param>
    /// <param name="name">The name of the object that it then becomes.</param>
    /// <param name="write">Writes the segment; whoever calls completes the pipe.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>What the segment says of itself, and its bytes if it is small.</returns>
    public static async Task<(SegmentInfo Info, ReadOnlyMemory<byte>? Inline)> WriteAsync(
        ICheckpointStore store, string name, Func<PipeWriter, Task<SegmentInfo>> write, CancellationToken cancellationToken)
    {
        var pipe = new Pipe(s_pipe);
        Task<SegmentInfo> writing = WriteAsync(write, pipe.Writer);
        byte[]? bytes = await ReadIfSmallAsync(pipe.Reader, writing, cancellationToken);
        if (bytes is not null)
        {
            return (await writing, bytes);
        }

        try
        {
            await store.PutAsync(name, pipe.Reader, cancellationToken);
        }
        catch
        {
            // Either it failed first, which the store passes on, or it was stopped by the store's failure, which says more.
            await Quietly(writing);
            throw;
        }

        return (await writing, null);
    }

    private static async Task<byte[]?> ReadIfSmallAsync(PipeReader reader, Task<SegmentInfo> writing, CancellationToken cancellationToken)
    {
        try
        {
            ReadResult read = await reader.ReadAtLeastAsync(SegmentPacking.MaxInlineLength + 1, cancellationToken);
            if (read.Buffer.Length > SegmentPacking.MaxInlineLength)
            {
                reader.AdvanceTo(read.Buffer.Start);
                return null;
            }

            byte[] bytes = read.Buffer.ToArray();
            await reader.CompleteAsync();
            return bytes;
        }
        catch
        {
            await reader.CompleteAsync();
            await Quietly(writing);
            throw;
        }
    }

    private static async Task<SegmentInfo> WriteAsync(Func<PipeWriter, Task<SegmentInfo>> write, PipeWriter output)
    {
        try
        {
            SegmentInfo info = await write(output);
            await output.CompleteAsync();
            return info;
        }
        catch (Exception cause)
        {
            await output.CompleteAsync(cause);
            throw;
        }
    }

    private static async Task Quietly(Task task)
    {
        try
        {
            await task;
        }
        catch
        {
            // The caller throws the cause.
        }
    }
}
