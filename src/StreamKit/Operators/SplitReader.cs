namespace StreamKit;

/// <summary>Reads one split in order. One call at a time; disposed after the last one has ended.</summary>
/// <typeparam name="T">The record type.</typeparam>
public abstract class SplitReader<T> : IAsyncDisposable
{
    /// <summary>
    /// Adds up to <see cref="SplitBatch{T}.Free"/> records to <paramref name="batch"/> and sets <see cref="SplitBatch{T}.Position"/> behind them.
    /// Return at once with what is there: completing synchronously is the fast path; wait (asynchronously) only when there is nothing. Never block a thread.
    /// </summary>
    /// <param name="batch">Empty on entry; the reader owns it until the returned task completes.</param>
    /// <param name="cancellationToken">Cancelled when the job stops.</param>
    /// <returns>False when the split has ended; the batch may still hold its last records.</returns>
    public abstract ValueTask<bool> ReadAsync(SplitBatch<T> batch, CancellationToken cancellationToken);

    /// <summary>Lets go of files and connections.</summary>
    /// <returns>When done.</returns>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
