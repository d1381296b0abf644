using StreamKit.Checkpoints;

namespace StreamKit.Runtime;

/// <summary>A sink's committer as the coordinator sees it.</summary>
internal sealed class SinkCommitterAdapter(SinkCommitter committer) : ICheckpointCommitter, IAsyncDisposable
{
    public ValueTask CommitAsync(IReadOnlyList<PreparedTransaction> transactions, CancellationToken cancellationToken) =>
        committer.CommitAsync([.. transactions.Select(static each => new Committable(each.Id, each.Payload))], cancellationToken);

    public ValueTask AbortOrphansAsync(long ownClaim, IReadOnlySet<string> keepTransactionIds, CancellationToken cancellationToken) =>
        committer.AbortAsync(ownClaim, keepTransactionIds, cancellationToken);

    public ValueTask DisposeAsync() => committer.DisposeAsync();
}
