namespace StreamKit.Checkpoints;

/// <summary>Commits the transactions of one sink. Called one call at a time.</summary>
internal interface ICheckpointCommitter
{
    /// <summary>Makes transactions visible; does nothing for those that are visible already.</summary>
    ValueTask CommitAsync(IReadOnlyList<PreparedTransaction> transactions, CancellationToken cancellationToken);

    /// <summary>Discards transactions of claims lower than <paramref name="ownClaim"/>, except those to keep.</summary>
    ValueTask AbortOrphansAsync(long ownClaim, IReadOnlySet<string> keepTransactionIds, CancellationToken cancellationToken);
}
