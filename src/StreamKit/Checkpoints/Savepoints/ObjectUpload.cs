using System.IO.Pipelines;

namespace StreamKit.Checkpoints;

/// <summary>Stores an object as it is written, without holding it in memory.</summary>
internal static class ObjectUpload
{
    private static readonly PipeOptions s_pipe = new(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 4 << 20,
        resumeWriterThreshold: 1 << 20,
        useSynchronizationContext: true);

    /// <param name="store">Where it is stored.</param>
    /// <param name="name">Its name.</param>
    /// <param name="write">Writes the bytes; whoever calls completes the pipe. When it throws, nothing is stored.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public static async Task PutAsync(ICheckpointStore store, string name, Func<PipeWriter, Task> write, CancellationToken cancellationToken)
    {
        var pipe = new Pipe(s_pipe);
        Task writing = WriteAsync(write, pipe.Writer);
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

        await writing;
    }

    private static async Task WriteAsync(Func<PipeWriter, Task> write, PipeWriter output)
    {
        try
        {
            await write(output);
            await output.CompleteAsync();
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
