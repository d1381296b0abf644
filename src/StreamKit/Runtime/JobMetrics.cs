namespace StreamKit;

/// <summary>A snapshot of a job's counts. Counts run over all attempts of this process, so records replayed after a failure count again.</summary>
/// <param name="Status">Where the job is in its life.</param>
/// <param name="Operators">The operators, in the order in which they were written.</param>
/// <param name="CompletedCheckpoints">Checkpoints completed.</param>
/// <param name="FailedCheckpoints">Checkpoints failed.</param>
/// <param name="LastCheckpoint">The last completed one; null before the first.</param>
/// <param name="Restarts">Attempts after the first.</param>
public sealed record JobMetrics(
    JobStatus Status,
    IReadOnlyList<OperatorMetricsSnapshot> Operators,
    long CompletedCheckpoints,
    long FailedCheckpoints,
    CheckpointSummary? LastCheckpoint,
    int Restarts)
{
    /// <summary>The counts of one operator.</summary>
    /// <param name="name">The operator's name.</param>
    /// <returns>Its counts.</returns>
    /// <exception cref="KeyNotFoundException">There is no such operator.</exception>
    public OperatorMetricsSnapshot Operator(string name) =>
        Operators.FirstOrDefault(each => each.Name == name) ?? throw new KeyNotFoundException($"The job has no operator named '{name}'. It has: {string.Join(", ", Operators.Select(static each => $"'{each.Name}'"))}.");
}

/// <summary>The counts of one operator, all its subtasks together.</summary>
/// <param name="Name">The operator's name.</param>
/// <param name="Parallelism">The number of its subtasks.</param>
/// <param name="RecordsIn">Records that came in.</param>
/// <param name="RecordsOut">Records emitted, side outputs included.</param>
/// <param name="LateRecords">Records that came behind the watermark and were dropped or sent to a late side output.</param>
/// <param name="Watermark">The lowest watermark of its subtasks, in milliseconds since the Unix epoch; <see cref="long.MinValue"/> before the first, <see cref="long.MaxValue"/> at the end of input.</param>
public sealed record OperatorMetricsSnapshot(string Name, int Parallelism, long RecordsIn, long RecordsOut, long LateRecords, long Watermark);

/// <summary>A completed checkpoint.</summary>
/// <param name="Number">Its number in the job's log; 0 without a store.</param>
/// <param name="CompletedAt">When it was complete, by the job's clock.</param>
/// <param name="Duration">From the barrier's start until output was committed.</param>
/// <param name="Bytes">The length of what had changed since the checkpoint before, which was written for it.</param>
/// <param name="StateBytes">The length of all that it names: the stored state.</param>
public sealed record CheckpointSummary(long Number, DateTimeOffset CompletedAt, TimeSpan Duration, long Bytes, long StateBytes);

/// <summary>A completed savepoint.</summary>
/// <param name="Checkpoint">The checkpoint that it was made of, by its number in the job's log.</param>
/// <param name="CompletedAt">When it was complete, by the job's clock.</param>
/// <param name="Duration">From the request until it was complete.</param>
/// <param name="Bytes">The length of all that it consists of.</param>
public sealed record SavepointSummary(long Checkpoint, DateTimeOffset CompletedAt, TimeSpan Duration, long Bytes);
