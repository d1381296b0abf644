using Microsoft.Extensions.Logging;

namespace StreamKit.Checkpoints;

/// <summary>
/// The transactions of all sinks that are prepared and not known to be committed. They are named by every manifest until they are, so
/// those of a failed checkpoint pass to the next one. Owned by the coordinator.
/// </summary>
internal sealed partial class TransactionLedger(CheckpointCoordinatorSetup setup)
{
    // Where no later checkpoint will try again.
    private const int LastAttempts = 3;

    private static readonly TimeSpan s_betweenAttempts = TimeSpan.FromSeconds(1);

    private readonly List<PreparedTransaction> _open = [.. Restored(setup)];
    private readonly HashSet<(string Sink, string Id)> _known = [.. Restored(setup).Select(t => (t.Sink, t.Id))];
    private readonly HashSet<string> _failedSinks = [];

    /// <summary>In the order of preparation.</summary>
    public IReadOnlyList<PreparedTransaction> Open => _open;

    public void Add(IEnumerable<PreparedTransaction> prepared)
    {
        foreach (PreparedTransaction each in prepared)
        {
            if (_known.Add((each.Sink, each.Id)))
            {
                _open.Add(each);
            }
        }
    }

    /// <summary>
    /// Commits everything open; called when a manifest that names it is durable. A sink that fails is tried again at the next call,
    /// and then fails the job.
    /// </summary>
    /// <param name="isLast">True when no further call follows: a failing sink is tried again at once, a few times.</param>
    /// <param name="cancellationToken">Cancelled when the attempt ends.</param>
    public async ValueTask CommitAsync(bool isLast, CancellationToken cancellationToken)
    {
        foreach (IGrouping<string, PreparedTransaction> sink in _open.GroupBy(t => t.Sink).ToArray())
        {
            PreparedTransaction[] transactions = [.. sink];
            try
            {
                await CommitAsync(sink.Key, transactions, isLast ? LastAttempts : 1, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException && !isLast && !_failedSinks.Contains(sink.Key))
            {
                _failedSinks.Add(sink.Key);
                LogCommitFailed(setup.Logger, sink.Key, transactions.Length, e);
                continue;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new StreamKitException(
                    $"Job '{setup.JobName}': sink '{sink.Key}' could not commit {transactions.Length} transactions of a completed checkpoint, repeatedly. "
                    + $"They stay named in the checkpoint and are committed at the next start. Last failure: {e.Message}",
                    e);
            }

            _failedSinks.Remove(sink.Key);
            _open.RemoveAll(t => t.Sink == sink.Key);
            _known.ExceptWith(transactions.Select(t => (t.Sink, t.Id)));
        }
    }

    /// <summary>Discards what earlier claims prepared and nothing names. Leftovers do no harm, so a failure is only logged.</summary>
    public async ValueTask AbortOrphansAsync(CancellationToken cancellationToken)
    {
        if (setup.Log is not { Claim: var claim })
        {
            return; // without a store there was no earlier claim
        }

        foreach ((string sink, ICheckpointCommitter committer) in setup.Committers)
        {
            HashSet<string> keep = [.. Restored(setup).Concat(_open).Where(t => t.Sink == sink).Select(t => t.Id)];
            try
            {
                await committer.AbortOrphansAsync(claim, keep, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogAbortFailed(setup.Logger, sink, e);
            }
        }
    }

    /// <summary>What the checkpoint started from names, under the names that the sinks have now.</summary>
    private static IEnumerable<PreparedTransaction> Restored(CheckpointCoordinatorSetup setup) =>
        (setup.Log?.Base?.Transactions ?? []).Select(each => each with { Sink = setup.SinkName(each.Sink) });

    private async ValueTask CommitAsync(string sink, PreparedTransaction[] transactions, int attempts, CancellationToken cancellationToken)
    {
        if (!setup.Committers.TryGetValue(sink, out ICheckpointCommitter? committer))
        {
            throw new StreamKitException($"Sink '{sink}' has prepared transactions, but no committer. Return one from the sink's CreateCommitter.");
        }

        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await committer.CommitAsync(transactions, cancellationToken);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException && attempt < attempts)
            {
                LogCommitFailed(setup.Logger, sink, transactions.Length, e);
            }

            await Task.Delay(s_betweenAttempts, setup.TimeProvider, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Sink '{Sink}' could not commit {Count} transactions of a completed checkpoint; they are tried again")]
    private static partial void LogCommitFailed(ILogger logger, string sink, int count, Exception cause);

    [LoggerMessage(LogLevel.Warning, "Sink '{Sink}' could not discard transactions of earlier runs; that is tried again after the next checkpoint")]
    private static partial void LogAbortFailed(ILogger logger, string sink, Exception cause);
}
