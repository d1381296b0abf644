namespace StreamKit.Checkpoints;

/// <summary>What came of a subtask's report.</summary>
internal enum ReportOutcome
{
    /// <summary>Taken; others are still to report.</summary>
    Waiting,

    /// <summary>Taken, and it was the last one.</summary>
    Complete,

    /// <summary>Not taken: the subtask does not take part, has reported before, or the checkpoint has failed.</summary>
    Ignored,
}

/// <summary>
/// Decides when a checkpoint is complete: when every participant has acknowledged it and none declined. Pure; owned by the coordinator.
/// </summary>
internal sealed class PendingCheckpoint
{
    private readonly HashSet<SubtaskId> _missing;
    private readonly List<SubtaskSnapshot> _snapshots;

    public PendingCheckpoint(long id, IReadOnlyCollection<SubtaskId> participants)
    {
        Id = id;
        _missing = [.. participants];
        _snapshots = new List<SubtaskSnapshot>(participants.Count);
    }

    /// <summary>The number on the barrier; counts the checkpoints of one attempt.</summary>
    public long Id { get; }

    /// <summary>Why the checkpoint failed; null while it has not.</summary>
    public Exception? Failure { get; private set; }

    public bool IsComplete => Failure is null && _missing.Count == 0;

    /// <summary>The participants that have neither acknowledged nor declined. Also kept up to date after a failure.</summary>
    public IReadOnlyCollection<SubtaskId> Missing => _missing;

    /// <summary>What was acknowledged, in the order of arrival.</summary>
    public IReadOnlyList<SubtaskSnapshot> Snapshots => _snapshots;

    public ReportOutcome Acknowledge(SubtaskSnapshot snapshot)
    {
        if (!_missing.Remove(snapshot.Subtask) || Failure is not null)
        {
            return ReportOutcome.Ignored;
        }

        _snapshots.Add(snapshot);
        return IsComplete ? ReportOutcome.Complete : ReportOutcome.Waiting;
    }

    /// <summary>A participant could not do its part: the checkpoint has failed.</summary>
    public ReportOutcome Decline(SubtaskId subtask, Exception cause)
    {
        if (!_missing.Remove(subtask) || Failure is not null)
        {
            return ReportOutcome.Ignored;
        }

        Failure = cause;
        return ReportOutcome.Waiting;
    }

    /// <summary>Gives the checkpoint up, because it took too long or the job stops.</summary>
    public void Fail(Exception cause) => Failure ??= cause;
}
