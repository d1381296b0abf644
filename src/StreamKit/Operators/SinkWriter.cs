namespace StreamKit;

/// <summary>Takes the records of one subtask. Its members are called one at a time, except where said.</summary>
/// <typeparam name="T">The record type.</typeparam>
public abstract class SinkWriter<T> : IAsyncDisposable
{
    /// <summary>Takes one record. Called for every record on the task's thread: buffer it, never block.</summary>
    /// <param name="value">The record.</param>
    /// <param name="timestamp">Its event time in milliseconds since the Unix epoch; <see cref="long.MinValue"/> when it has none.</param>
    public abstract void Write(T value, long timestamp);

    /// <summary>Takes records in order; calls <see cref="Write(T, long)"/> for each of them. Override it where a run of records can be taken faster than one by one.</summary>
    /// <param name="values">The records; the writer must not keep the span.</param>
    /// <param name="timestamps">The event time of each in milliseconds since the Unix epoch; empty when they have none.</param>
    /// <param name="taken">Counts up from 0 with each record taken, so that a failure can name the record at hand.</param>
    public virtual void Write(ReadOnlySpan<T> values, ReadOnlySpan<long> timestamps, ref int taken)
    {
        for (; taken < values.Length; taken++)
            Write(values[taken], timestamps.IsEmpty ? long.MinValue : timestamps[taken]);
    }

    /// <summary>Called after each batch of records: send what is buffered, or part of it. The task takes no more input until the returned task completes; that is how a slow sink slows the job.</summary>
    /// <param name="cancellationToken">Cancelled when the job stops without a final checkpoint.</param>
    /// <returns>When the writer can take more.</returns>
    public virtual ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// Makes everything written so far durable but invisible, and names it. Called at each barrier, never during <see cref="FlushAsync"/>.
    /// Its synchronous part must set aside what was written; while its task runs, <see cref="Write(T, long)"/> and <see cref="FlushAsync"/> may already be called for the next transaction.
    /// Not called again before its task has completed.
    /// </summary>
    /// <remarks>
    /// A failure fails the attempt to run the job, not only the checkpoint, however many failed checkpoints are tolerated: what was set aside
    /// is in no transaction, so only going back to the latest complete checkpoint brings it again. Transactions prepared since that checkpoint,
    /// by this writer or another one, stay as they are: no checkpoint names them, so the next attempt has <see cref="SinkCommitter.AbortAsync"/>
    /// discard them and takes their records again. Those that it does name are committed. Try again inside what may pass by itself.
    /// </remarks>
    /// <param name="cancellationToken">Cancelled when the job stops without a final checkpoint.</param>
    /// <returns>The transactions to commit after the checkpoint; none when nothing was written.</returns>
    public virtual ValueTask<IReadOnlyList<Committable>> PrepareCommitAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<Committable>>([]);

    /// <summary>Lets go of files and connections. What was not prepared is discarded; what was prepared must stay.</summary>
    /// <returns>When done.</returns>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
