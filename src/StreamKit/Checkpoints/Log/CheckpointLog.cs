using Microsoft.Extensions.Logging;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>What a checkpoint adds to the log; the log adds identity, number and time.</summary>
internal sealed record CheckpointContent(IReadOnlyList<OperatorManifest> Operators, IReadOnlyList<PreparedTransaction> Transactions, bool Finished)
{
    /// <summary>The time that the checkpoint must not be behind, as far as that is known from elsewhere.</summary>
    public long NotBefore { get; init; } = long.MinValue;
}

/// <summary>
/// A job's history in the store, as written by one runner: a claim, then its checkpoints. Entries are numbered without gaps and created
/// only where there is none, so of all runners at most one can go on; the others find the number taken by a claim and stop.
/// </summary>
/// <remarks>Owned by the coordinator; one call at a time. Deletion is in <see cref="LogRetention"/>.</remarks>
internal sealed partial class CheckpointLog
{
    // A claim is made by somebody who waits for the job to start, and is harmless when it turns out to have succeeded.
    private const int ClaimAttempts = 3;

    // With the delays between them about 16 seconds: longer than a store takes to replace a failed server.
    private const int CheckpointAttempts = 8;

    private readonly LogObjects _objects;
    private readonly TimeProvider _timeProvider;
    private readonly LogEntry _claim;
    private readonly CommittedCheckpoints _committed;
    private LogEntry _tail;
    private CheckpointManifest? _imported;
    private bool _isFenced;
    private bool _isUnresolved;

    private CheckpointLog(ICheckpointStore store, LogObjects objects, TimeProvider timeProvider, ILogger logger, int retained, LogEntry claim, CommittedCheckpoints committed)
    {
        Store = store;
        _objects = objects;
        _timeProvider = timeProvider;
        _claim = claim;
        _tail = claim;
        _committed = committed;
        Retention = new LogRetention(store, objects, logger, claim, retained, committed);
        committed.Publish(claim.Manifest);
    }

    public ICheckpointStore Store { get; }

    public JobIdentity Job => _claim.Job;

    /// <summary>The number of this runner's claim. Every later runner has a higher one.</summary>
    public long Claim => _claim.Number;

    /// <summary>The checkpoint that this runner starts from; null for a job that has none yet.</summary>
    public CheckpointManifest? Base => _imported ?? _claim.Manifest;

    public LogRetention Retention { get; }

    /// <summary>Takes a job over: from here on no other runner that claimed it earlier can commit anything.</summary>
    /// <param name="store">The job's store.</param>
    /// <param name="jobName">The job's name; must be the one in the store.</param>
    /// <param name="maxParallelism">The maximum parallelism; must be the one in the store. Null to take that one.</param>
    /// <param name="retained">How many checkpoints to keep, at least 1.</param>
    /// <param name="claims">What the runner remembers of its earlier claims; one object for all attempts of a runner.</param>
    /// <param name="identities">Draws identities that no other process draws.</param>
    /// <param name="timeProvider">The job's clock.</param>
    /// <param name="logger">The job's logger.</param>
    /// <param name="cancellationToken">Gives up; the claim may then stand or not.</param>
    /// <param name="ofNewJob">Says the maximum parallelism of a job that is new to the store; null where <paramref name="maxParallelism"/> does.</param>
    /// <exception cref="JobFencedException">Another runner has claimed the job meanwhile, or since this one held it; nothing was touched.</exception>
    /// <exception cref="CheckpointDamagedException">The last entry of the log is damaged, and going back is not allowed.</exception>
    /// <exception cref="StreamKitException">The store belongs to another job, or could not be read or written.</exception>
    public static async ValueTask<CheckpointLog> ClaimAsync(
        ICheckpointStore store,
        string jobName,
        int? maxParallelism,
        int retained,
        RunnerClaims claims,
        Func<Guid> identities,
        TimeProvider timeProvider,
        ILogger logger,
        CancellationToken cancellationToken,
        Func<CancellationToken, ValueTask<int>>? ofNewJob = null)
    {
        var objects = new LogObjects(store, timeProvider, logger);
        var finder = new RestorePointFinder(objects, claims, jobName, store);
        while (true)
        {
            List<long> before = await objects.ListAsync(cancellationToken);
            if (await finder.FindAsync(before, cancellationToken) is not { } point)
            {
                continue;
            }

            if (point.Entry is { } tail)
            {
                ThrowIfOther(tail.Job, jobName, maxParallelism, store);
                if (claims.IsTakenOver(tail))
                {
                    throw new JobFencedException(
                        $"Job '{jobName}' was taken over: log entry {tail.Number} in '{store}' is of {Describe(tail)}. This runner held the job before and does not take it back. "
                        + "Nothing is lost: the other runner goes on. Run the job in one place.");
                }
            }

            JobIdentity job = point.Entry?.Job
                ?? new JobIdentity(jobName, identities(), ofNewJob is null ? maxParallelism ?? KeyGroups.DefaultMaxParallelism : await ofNewJob(cancellationToken));
            LogEntry claim = NewClaim(point, job, identities, timeProvider);
            claims.Trying(claim.Attempt);
            PutOutcome put = await objects.PutAsync(claim.Number, LogEntryFormat.Encode(claim), ClaimAttempts, cancellationToken);
            if (!put.IsOurs)
            {
                continue;
            }

            // The listing above may be old by now, and the number may have been used, released and deleted in between.
            List<long> after = await objects.ListAsync(cancellationToken);
            if (after[^1] > claim.Number)
            {
                throw new JobFencedException(
                    $"Job '{jobName}': log entry {after[^1]} in '{store}' was written by another runner while this one claimed the job with entry {claim.Number}. "
                    + "This runner stops; it has read and changed nothing. Only one of the two can run the job.");
            }

            claims.Proven();
            foreach (CheckpointDamagedException cause in point.Damage)
            {
                LogGoneBack(logger, jobName, claim.Manifest?.Number ?? 0, cause.ObjectName, cause.Finding);
            }

            return new CheckpointLog(store, objects, timeProvider, logger, retained, claim, claims.Committed);
        }
    }

    /// <summary>
    /// Commits a checkpoint. It is committed, and will be restored from, exactly when the entry is there; on return it is.
    /// </summary>
    /// <exception cref="JobFencedException">Another runner has taken the job over; the checkpoint is not committed and never will be.</exception>
    /// <exception cref="StreamKitException">
    /// The outcome is unknown. This log takes no more checkpoints; only a new claim finds out, and goes on from what is there.
    /// </exception>
    public async ValueTask<CheckpointManifest> AppendAsync(CheckpointContent content, CancellationToken cancellationToken)
    {
        ThrowIfOver();
        LogEntry entry = NewCheckpoint(content);
        PutOutcome put;
        _isUnresolved = true;
        try
        {
            put = await _objects.PutAsync(entry.Number, LogEntryFormat.Encode(entry), CheckpointAttempts, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new StreamKitException(
                $"Job '{Job.Name}': whether checkpoint {entry.Number} was committed is unknown after {CheckpointAttempts} attempts to write it to '{Store}'. "
                + $"The runner must claim the job again to find out. Last failure: {e.Message}",
                e);
        }

        _isUnresolved = false;
        if (!put.IsOurs)
        {
            _isFenced = true;
            throw Fenced(entry.Number, put.Existing);
        }

        _tail = entry;
        // An entry of this kind was made with a manifest.
        CheckpointManifest manifest = entry.Manifest!;
        Retention.Committed(entry, manifest);
        _committed.Publish(manifest);
        return manifest;
    }

    /// <summary>
    /// Commits what was brought in from elsewhere as the job's first checkpoint, from which this runner then starts: all that it names is in
    /// the job's own store.
    /// </summary>
    /// <inheritdoc cref="AppendAsync" path="/exception"/>
    public async ValueTask ImportAsync(CheckpointContent content, CancellationToken cancellationToken) =>
        _imported = Base is null
            ? await AppendAsync(content, cancellationToken)
            : throw new InvalidOperationException($"Job '{Job.Name}' has checkpoint {Base.Number} already: nothing may be brought in.");

    private static LogEntry NewClaim(RestorePoint point, JobIdentity job, Func<Guid> identities, TimeProvider timeProvider)
    {
        long number = point.Tail + 1;
        return new LogEntry
        {
            Kind = LogEntryKind.Claim,
            Number = number,
            Claim = number,
            Attempt = identities(),
            Job = job,
            Timestamp = Now(timeProvider, point.Entry?.Timestamp),
            Retained = point.Retained,
            Released = point.Released,
            // What this runner really starts from, so that the next one starts from it too, whatever other checkpoints there are.
            Manifest = point.Base,
        };
    }

    private LogEntry NewCheckpoint(CheckpointContent content)
    {
        long number = _tail.Number + 1;
        long timestamp = Now(_timeProvider, Math.Max(_tail.Timestamp, content.NotBefore));
        (IReadOnlyList<long> kept, IReadOnlyList<long> released) = Retention.Plan(number);
        return new LogEntry
        {
            Kind = LogEntryKind.Checkpoint,
            Number = number,
            Claim = _claim.Number,
            Attempt = _claim.Attempt,
            Job = Job,
            Timestamp = timestamp,
            Retained = kept,
            Released = released,
            Manifest = new CheckpointManifest
            {
                Job = Job,
                Number = number,
                Claim = _claim.Number,
                Timestamp = timestamp,
                Finished = content.Finished,
                Operators = content.Operators,
                Transactions = content.Transactions,
            },
        };
    }

    private static void ThrowIfOther(JobIdentity found, string jobName, int? maxParallelism, ICheckpointStore store)
    {
        if (found.Name != jobName)
        {
            throw new StreamKitException(
                $"The checkpoint store '{store}' belongs to job '{found.Name}', but job '{jobName}' was started on it. Give each job a location of its own.");
        }

        if (maxParallelism is not null && found.MaxParallelism != maxParallelism)
        {
            throw new StreamKitException(
                $"Job '{jobName}' has a maximum parallelism of {maxParallelism}, but it was first run with {found.MaxParallelism} and its state in '{store}' is divided by that. "
                + $"Set the maximum parallelism to {found.MaxParallelism}, or start over in an empty location.");
        }
    }

    /// <summary>Never behind an earlier entry, whatever a machine's clock says, so that expired state stays expired.</summary>
    private static long Now(TimeProvider timeProvider, long? floor) =>
        Math.Max(timeProvider.GetUtcNow().ToUnixTimeMilliseconds(), floor ?? long.MinValue);

    private JobFencedException Fenced(long number, byte[]? existing)
    {
        string taker = "another runner, which has since released the entry";
        if (existing is not null)
        {
            try
            {
                LogEntry other = LogEntryFormat.Decode(StoredNames.LogEntry(number), existing);
                taker = Describe(other);
            }
            catch (StreamKitException e)
            {
                taker = $"an entry that cannot be read ({e.Message})";
            }
        }

        return new JobFencedException(
            $"Job '{Job.Name}' was taken over: log entry {number} in '{Store}' is held by {taker}. This runner claimed it with entry {Claim}, "
            + $"committed up to entry {_tail.Number}, and has stopped. Nothing is lost: the other runner goes on from there. Run the job in one place.");
    }

    private static string Describe(LogEntry other) =>
        $"the runner that claimed the job with entry {other.Claim} (written {DateTimeOffset.FromUnixTimeMilliseconds(other.Timestamp).UtcDateTime:O})";

    [LoggerMessage(LogLevel.Warning, "Job '{Job}' goes back to checkpoint {Checkpoint}, because '{ObjectName}' is damaged: output that was committed since then is repeated")]
    private static partial void LogGoneBack(ILogger logger, string job, long checkpoint, string objectName, Exception cause);

    private void ThrowIfOver()
    {
        if (_isFenced || _isUnresolved)
        {
            throw new StreamKitException(
                _isFenced
                    ? $"Job '{Job.Name}' was taken over by another runner; this one commits nothing any more."
                    : $"Job '{Job.Name}': the outcome of checkpoint {_tail.Number + 1} is unknown; nothing can be committed before the job is claimed again.");
        }
    }
}
