namespace StreamKit;

/// <summary>Commits what the writers of a sink prepared. One object per sink and attempt; one call at a time.</summary>
public abstract class SinkCommitter : IAsyncDisposable
{
    /// <summary>
    /// Makes prepared transactions visible. Called after the checkpoint that names them is durable, and again after a restore: committing what is committed already must do nothing.
    /// After a restore all operators are open and their state is loaded by then, so this attempt's writers exist already; none has been given a record.
    /// A transaction that can neither be found prepared nor committed must fail loudly.
    /// </summary>
    /// <param name="transactions">The transactions, in the order in which they were prepared by each writer.</param>
    /// <param name="cancellationToken">Cancelled when the job stops.</param>
    /// <returns>When all are committed.</returns>
    public abstract ValueTask CommitAsync(IReadOnlyList<Committable> transactions, CancellationToken cancellationToken);

    /// <summary>
    /// Discards what earlier runners of this job left: transactions, prepared or in progress, whose claim number is lower than <paramref name="claim"/>
    /// and which are not in <paramref name="keep"/>. Never touches those of an equal or higher claim. Called after a restore and after each checkpoint.
    /// </summary>
    /// <param name="claim">This runner's claim number.</param>
    /// <param name="keep">Ids of transactions that are still to be committed.</param>
    /// <param name="cancellationToken">Cancelled when the job stops.</param>
    /// <returns>When done.</returns>
    public virtual ValueTask AbortAsync(long claim, IReadOnlySet<string> keep, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Lets go of connections.</summary>
    /// <returns>When done.</returns>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A transaction that was prepared and is committed after the checkpoint that names it.</summary>
/// <param name="TransactionId">Unique: begins with <see cref="SinkContext.TransactionPrefix"/>.</param>
/// <param name="Payload">What the committer needs besides the id; stored in the checkpoint.</param>
public sealed record Committable(string TransactionId, ReadOnlyMemory<byte> Payload);
