using StreamKit.Checkpoints;
using StreamKit.Diagnostics;
using StreamKit.Planning;

namespace StreamKit.Runtime;

/// <summary>
/// The supervisor: claims the job, runs attempts until one ends well, and decides after each failure whether there is another. Every failure ends here.
/// </summary>
internal sealed class JobRunner : IDisposable
{
    /// <summary>Failures kept for the final story; earlier ones were logged.</summary>
    private const int KeptFailures = 20;

    private readonly JobPlan _plan;
    private readonly JobExecutor _executor;
    private readonly JobRandom _random;
    private readonly RunnerClaims _claims;
    private readonly MetricsRegistry _metrics;
    private readonly List<Exception> _failures = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private JobSettings _settings;
    private JobAttempt? _attempt;
    private Guid _jobId;
    private int _failureCount;
    private int _failuresInARow;
    private volatile JobStatus _status = JobStatus.Created;

    public JobRunner(JobSettings settings, JobPlan plan)
    {
        _settings = settings;
        _claims = new RunnerClaims { MayGoBack = settings.Checkpoints.FallBackFromDamagedCheckpoint };
        _plan = plan;
        _executor = settings.CreateExecutor();
        _random = new JobRandom(settings.Seed);
        _metrics = new MetricsRegistry(plan, settings.TimeProvider);
    }

    public JobStatus Status => _status;

    /// <summary>Completes when the job processes for the first time.</summary>
    public Task Started => _started.Task;

    /// <summary>The newest checkpoint, of whatever attempt.</summary>
    public CommittedCheckpoints Committed => _claims.Committed;

    public DateTimeOffset Now => _settings.TimeProvider.GetUtcNow();

    public JobMetrics Metrics => _metrics.Snapshot(_status, Math.Max(0, _failureCount - (_status == JobStatus.Failed ? 1 : 0)));

    /// <summary>Runs the job to its end, on its executor.</summary>
    public Task RunAsync(CancellationToken cancellation) => _executor.Run(() => SuperviseAsync(cancellation));

    /// <summary>Asks for a stop with a final checkpoint.</summary>
    public void RequestStop()
    {
        _stop.Cancel();
        Volatile.Read(ref _attempt)?.RequestStop();
    }

    public Task<CheckpointResult> TriggerCheckpointAsync() => Running("checkpoint").TriggerCheckpointAsync();

    public Task<SavepointSummary> TriggerSavepointAsync(ICheckpointStore location) => Running("savepoint").TriggerSavepointAsync(location);

    /// <summary>Stops the job behind a final checkpoint, of which a savepoint is made.</summary>
    public Task<SavepointSummary> StopWithSavepointAsync(ICheckpointStore location) => Running("savepoint").StopWithSavepointAsync(location);

    public void Dispose() => _stop.Dispose();

    private JobAttempt Running(string wanted) => _status == JobStatus.Running && Volatile.Read(ref _attempt) is { } attempt
        ? attempt
        : throw new StreamKitException($"Job '{_settings.Name}' takes no {wanted} now: its status is {_status}, and it must be {JobStatus.Running}.");

    private async Task SuperviseAsync(CancellationToken cancellation)
    {
        try
        {
            while (!await TryAttemptAsync(cancellation))
            {
                var cause = _failures[^1];
                var delay = (IsPermanent(cause) ? null : _settings.RestartStrategy.DelayAfter(_failureCount, _failuresInARow))
                    ?? throw new JobFailedException(_settings.Name, _failures);
                _status = JobStatus.Restarting;
                JobLog.Restarting(_settings.Logger, cause, _settings.Name, delay.TotalSeconds, _failureCount);
                using var wake = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stop.Token);
                await DelayAsync(delay, wake.Token);
                cancellation.ThrowIfCancellationRequested();
                if (_stop.IsCancellationRequested)
                    throw new JobFailedException(_settings.Name, _failures);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _status = JobStatus.Canceled;
            throw;
        }
        catch (Exception)
        {
            _status = JobStatus.Failed;
            throw;
        }
    }

    /// <returns>False when the attempt failed and another may be tried.</returns>
    private async Task<bool> TryAttemptAsync(CancellationToken cancellation)
    {
        var completedBefore = _metrics.Completed;
        var isPrepared = false;
        try
        {
            cancellation.ThrowIfCancellationRequested();
            _status = JobStatus.Starting;
            var log = _settings.Store is { } store ? await ClaimAsync(store, cancellation) : null;
            if (log?.Base is { Finished: true } last)
            {
                await FinishAgainAsync(log, last);
                return true;
            }

            _jobId = log?.Job.Id ?? (_jobId == Guid.Empty ? _random.NextGuid() : _jobId);
            await using var attempt = new JobAttempt(_settings, _plan, _executor, _metrics, log, _jobId);
            await attempt.PrepareAsync(cancellation);
            isPrepared = true;
            Volatile.Write(ref _attempt, attempt);
            _status = JobStatus.Running;
            _started.TrySetResult();
            if (_stop.IsCancellationRequested)
                attempt.RequestStop();
            var outcome = await attempt.RunAsync(() => _status = JobStatus.Stopping, cancellation);
            Conclude(outcome);
            return true;
        }
        catch (CheckpointDamagedException damage) when (!isPrepared && _claims.MayGoBack && damage.Checkpoint is not null && !cancellation.IsCancellationRequested)
        {
            // Nothing was touched yet. Each round gives one more checkpoint up, so this ends.
            _claims.FoundDamaged(damage.Checkpoint.Value, damage);
            return await TryAttemptAsync(cancellation);
        }
        catch (Exception cause) when (!cancellation.IsCancellationRequested || cause is not OperationCanceledException)
        {
            Volatile.Write(ref _attempt, null);
            if (_metrics.Completed > completedBefore)
                _failuresInARow = 0;
            Note(cause);
            if (isPrepared && _claims.MayGoBack && DamageIn(cause) is { } damage)
                _claims.FoundDamaged(damage.Finding);
            // What is wrong before the first record of the first attempt is wrong with the job or its store, and stays so.
            if (cause is JobFencedException || (!isPrepared && _failureCount == 1))
                throw;
            return false;
        }
        finally
        {
            Volatile.Write(ref _attempt, null);
        }
    }

    /// <summary>Takes the job over. One without checkpoints begins with its savepoint, if it has one.</summary>
    private async Task<CheckpointLog> ClaimAsync(ICheckpointStore store, CancellationToken cancellation)
    {
        var log = await CheckpointLog.ClaimAsync(
            store,
            _settings.Name,
            _settings.IsMaxParallelismSet ? _settings.MaxParallelism : null,
            _settings.Checkpoints.Retained,
            _claims,
            _random.NextGuid,
            _settings.TimeProvider,
            _settings.Logger,
            cancellation,
            stop => SavepointStart.MaxParallelismAsync(_settings, stop));
        _settings = _settings with { MaxParallelism = log.Job.MaxParallelism };
        if (log.Base is null && _settings.Restore.Savepoint is { } savepoint)
            await SavepointStart.ImportAsync(log, savepoint, _settings, _plan, cancellation);
        return log;
    }

    /// <summary>The last run may have ended between its final checkpoint and the commit of its output: that is made up for, and nothing is processed.</summary>
    private async Task FinishAgainAsync(CheckpointLog log, CheckpointManifest last)
    {
        await using (var attempt = new JobAttempt(_settings, _plan, _executor, _metrics, log, log.Job.Id))
            await attempt.CommitAsync();
        _status = JobStatus.Finished;
        JobLog.FinishedBefore(_settings.Logger, _settings.Name, last.Number);
    }

    private void Conclude(AttemptOutcome outcome)
    {
        if (outcome == AttemptOutcome.Finished)
        {
            _status = JobStatus.Finished;
            JobLog.Finished(_settings.Logger, _settings.Name);
        }
        else
        {
            _status = JobStatus.Stopped;
            JobLog.Stopped(_settings.Logger, _settings.Name);
        }
    }

    private void Note(Exception cause)
    {
        _failureCount++;
        _failuresInARow++;
        if (_failures.Count == KeptFailures)
            _failures.RemoveAt(0);
        _failures.Add(cause);
    }

    /// <summary>The cause is often wrapped by the operator in which it came up.</summary>
    private static bool IsPermanent(Exception? cause) => cause is not null && (cause is StreamKitException { IsPermanent: true } || IsPermanent(cause.InnerException));

    private static CheckpointDamagedException? DamageIn(Exception? cause) => cause is null ? null : cause as CheckpointDamagedException ?? DamageIn(cause.InnerException);

    private async Task DelayAsync(TimeSpan delay, CancellationToken wake)
    {
        try
        {
            await Task.Delay(delay, _settings.TimeProvider, wake);
        }
        catch (OperationCanceledException)
        {
            // The caller looks which of the two it was.
        }
    }
}
