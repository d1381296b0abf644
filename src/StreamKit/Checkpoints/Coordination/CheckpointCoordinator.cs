namespace StreamKit.Checkpoints;

/// <summary>
/// Takes the checkpoints of one attempt to run a job: asks the sources for barriers, gathers what the subtasks report, commits, has the
/// sinks commit, and lets old checkpoints go. One checkpoint at a time; requests that come meanwhile wait.
/// </summary>
/// <remarks>
/// Every member may be called from any thread. All state belongs to a serial context on top of <see cref="CheckpointCoordinatorSetup.Context"/>,
/// where all work and all callbacks run one at a time.
/// </remarks>
internal sealed class CheckpointCoordinator : IAsyncDisposable
{
    private readonly CheckpointCoordinatorSetup _setup;
    private readonly SerialContext _context;
    private readonly TransactionLedger _ledger;
    private readonly SegmentPacking _packing = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<RequestedCheckpoint> _requests = [];

    /// <summary>Failed checkpoints on which some subtasks have not reported: what they prepared belongs into the next manifest, so that waits for them.</summary>
    private readonly Dictionary<long, PendingCheckpoint> _unreported = [];

    private RunningCheckpoint? _running;
    private ITimer? _periodic;
    private Task _commit = Task.CompletedTask;
    private long _lastId;
    private long _lastBegin;
    private long _lastEnd;
    private int _failuresInARow;
    private bool _isStarted;
    private bool _isOver;

    public CheckpointCoordinator(CheckpointCoordinatorSetup setup)
    {
        _setup = setup;
        _context = new SerialContext(setup.Context);
        _ledger = new TransactionLedger(setup);
    }

    /// <summary>
    /// Commits what the checkpoint restored from names, and discards what earlier runners left. Before the tasks start.
    /// </summary>
    /// <exception cref="StreamKitException">A sink could not commit.</exception>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        await _ledger.CommitAsync(isLast: true, cancellationToken);
        await _ledger.AbortOrphansAsync(cancellationToken);
    }

    /// <summary>Begins with periodic checkpoints.</summary>
    public void Start() => Post(() =>
    {
        _isStarted = true;
        _lastBegin = _lastEnd = _setup.TimeProvider.GetTimestamp();
        Next();
    });

    /// <summary>Takes a checkpoint, after the one that is being taken.</summary>
    /// <param name="kind">Why.</param>
    /// <param name="forSavepoint">
    /// True when it is to be copied: it stays in force until <see cref="Unpin"/>, and fails for whoever asked if a sink could not commit all of it.
    /// </param>
    /// <returns>Completes when the checkpoint is committed and its transactions are; fails when it fails or the job ends before.</returns>
    public Task<CheckpointResult> TriggerAsync(CheckpointKind kind, bool forSavepoint = false)
    {
        var completion = new TaskCompletionSource<CheckpointResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            if (_isOver)
            {
                completion.SetException(new StreamKitException($"Job '{_setup.JobName}' takes no checkpoints any more: it has stopped or is stopping."));
                return;
            }

            _requests.Enqueue(new RequestedCheckpoint(kind, forSavepoint, completion));
            Next();
        });
        return completion.Task;
    }

    /// <summary>A checkpoint taken for a savepoint has been copied, or will not be: it may be released.</summary>
    public void Unpin(long number) => Post(() => _setup.Log?.Retention.Unpin(number));

    /// <summary>A subtask has done its part of a checkpoint: everything its snapshot names is uploaded.</summary>
    public void Acknowledge(long id, SubtaskSnapshot snapshot) => Post(() =>
    {
        if (Find(id) is not { } pending)
        {
            return;
        }

        pending.Acknowledge(snapshot);
        _ledger.Add(snapshot.Operators.SelectMany(o => o.Prepared));
        Reported(pending);
    });

    /// <summary>A subtask could not do its part of a checkpoint, which has thereby failed. What its sinks did prepare passes to the next one.</summary>
    public void Decline(long id, SubtaskId subtask, Exception cause, IReadOnlyList<PreparedTransaction> prepared) => Post(() =>
    {
        if (Find(id) is not { } pending)
        {
            return;
        }

        pending.Decline(subtask, cause);
        _ledger.Add(prepared);
        if (_running?.Pending == pending)
        {
            Failed(_running, new StreamKitException($"Job '{_setup.JobName}': {subtask} could not take part in checkpoint {id}: {cause.Message}", cause));
        }

        Reported(pending);
    });

    /// <summary>Ends it: gives up what is being taken, and returns when nothing runs any more. Can be repeated.</summary>
    public async Task StopAsync()
    {
        Post(() =>
        {
            if (!_isOver)
            {
                End(new StreamKitException($"Job '{_setup.JobName}' has stopped."));
            }

            if (_stopped.TrySetResult())
            {
                _stopping.Cancel();
            }
        });
        await _stopped.Task;
        await _commit;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    private PendingCheckpoint? Find(long id) =>
        _running is { IsCommitting: false } running && running.Pending.Id == id ? running.Pending : _unreported.GetValueOrDefault(id);

    private void Reported(PendingCheckpoint pending)
    {
        if (pending.Failure is not null && pending.Missing.Count == 0)
        {
            _unreported.Remove(pending.Id);
        }

        CommitIfComplete();
    }

    /// <summary>Begins the next checkpoint, or sees to it that it begins in time.</summary>
    private void Next()
    {
        if (_isOver || _running is not null)
        {
            return;
        }

        if (_requests.TryDequeue(out RequestedCheckpoint? request))
        {
            Begin(request.Kind, request);
        }
        else if (_isStarted && _setup.Options.Interval is { } interval)
        {
            TimeProvider clock = _setup.TimeProvider;
            TimeSpan untilInterval = interval - clock.GetElapsedTime(_lastBegin);
            TimeSpan untilPause = _setup.Options.MinimumPause - clock.GetElapsedTime(_lastEnd);
            TimeSpan wait = untilInterval > untilPause ? untilInterval : untilPause;
            _periodic?.Dispose();
            _periodic = Timer(wait, () =>
            {
                if (_running is null && _requests.Count == 0 && !_isOver)
                {
                    Begin(CheckpointKind.Periodic, null);
                }
            });
        }
    }

    private void Begin(CheckpointKind kind, RequestedCheckpoint? request)
    {
        _periodic?.Dispose();
        _lastBegin = _setup.TimeProvider.GetTimestamp();
        var running = new RunningCheckpoint(new PendingCheckpoint(++_lastId, _setup.Participants), kind, _lastBegin, request);
        _running = running;
        running.Timeout = Timer(_setup.Options.Timeout, () => TimedOut(running));
        try
        {
            _setup.TriggerSources(running.Request);
        }
        catch (Exception e)
        {
            // No barrier is under way, so nobody will report.
            _running = null;
            running.Timeout.Dispose();
            AfterFailure(running, e);
            return;
        }

        CommitIfComplete();
    }

    private void TimedOut(RunningCheckpoint running)
    {
        if (_running == running && !running.IsCommitting)
        {
            string missing = string.Join(", ", running.Pending.Missing.Concat(_unreported.Values.SelectMany(p => p.Missing)).Distinct().Take(5));
            Failed(running, new StreamKitException(
                $"Job '{_setup.JobName}': checkpoint {running.Pending.Id} took longer than {_setup.Options.Timeout}; still waiting for {missing}. "
                + "Is the job behind, so that barriers wait in line? Find the slow operator, or raise the checkpoint timeout."));
        }
    }

    private void Failed(RunningCheckpoint running, Exception cause)
    {
        _running = null;
        running.Timeout?.Dispose();
        running.Pending.Fail(cause);
        if (running.Pending.Missing.Count > 0)
        {
            _unreported.Add(running.Pending.Id, running.Pending);
        }

        AfterFailure(running, cause);
    }

    private void AfterFailure(RunningCheckpoint running, Exception cause)
    {
        _lastEnd = _setup.TimeProvider.GetTimestamp();
        running.Completion?.TrySetException(cause);
        _setup.OnCheckpointFailed?.Invoke(running.Request, cause);
        if (++_failuresInARow > _setup.Options.TolerableFailures)
        {
            Fatal(new StreamKitException(
                $"Job '{_setup.JobName}': {_failuresInARow} checkpoints in a row failed, {_setup.Options.TolerableFailures} are tolerated. Last failure: {cause.Message}",
                cause));
        }

        Next();
    }

    private void CommitIfComplete()
    {
        if (_running is { IsCommitting: false, Pending.IsComplete: true } running && _unreported.Count == 0)
        {
            running.IsCommitting = true;
            running.Timeout?.Dispose();
            _commit = CommitAsync(running);
        }
    }

    private async Task CommitAsync(RunningCheckpoint running)
    {
        try
        {
            if (await PrepareAsync(running) is { } operators)
            {
                await FinishAsync(running, await AppendAsync(running, operators));
            }
        }
        catch (Exception e)
        {
            // From the entry on there is no way back: either it is unknown what is committed, or something committed is not done.
            _running = null;
            running.Completion?.TrySetException(e);
            Fatal(e);
        }

        Next();
    }

    /// <summary>What comes before the log entry; when it fails, so has the checkpoint, and null is returned.</summary>
    private async ValueTask<IReadOnlyList<OperatorManifest>?> PrepareAsync(RunningCheckpoint running)
    {
        try
        {
            IReadOnlyList<OperatorManifest> operators = ManifestBuilder.Build(running.Pending.Snapshots);
            return _setup.Log is { } log
                ? await _packing.PackAsync(operators, log.Store, StoredNames.Data(log.Claim, running.Pending.Id, "pack"), _stopping.Token)
                : operators;
        }
        catch (Exception e) when (!_isOver)
        {
            Failed(running, e);
            return null;
        }
    }

    /// <summary>Commits it; without a store there is nothing to commit but the sinks' transactions.</summary>
    private async ValueTask<CheckpointManifest?> AppendAsync(RunningCheckpoint running, IReadOnlyList<OperatorManifest> operators)
    {
        if (_setup.Log is not { } log)
        {
            return null;
        }

        var content = new CheckpointContent(operators, [.. _ledger.Open], running.Kind == CheckpointKind.Final);
        CheckpointManifest manifest = await log.AppendAsync(content, _stopping.Token);
        if (running.IsForSavepoint)
        {
            log.Retention.Pin(manifest.Number);
        }

        return manifest;
    }

    private async ValueTask FinishAsync(RunningCheckpoint running, CheckpointManifest? manifest)
    {
        bool isLast = running.Kind is CheckpointKind.Stop or CheckpointKind.Final;
        await _ledger.CommitAsync(isLast, _stopping.Token);
        await _ledger.AbortOrphansAsync(_stopping.Token);
        if (_setup.Log is { } log)
        {
            await log.Retention.CleanAsync(_stopping.Token);
        }

        _running = null;
        _failuresInARow = 0;
        _lastEnd = _setup.TimeProvider.GetTimestamp();
        CheckpointResult result = running.ResultOf(manifest, _setup.TimeProvider.GetElapsedTime(running.Began, _lastEnd));
        Complete(running, result);
        _setup.OnCompleted?.Invoke(result);
        if (isLast)
        {
            End(new StreamKitException($"Job '{_setup.JobName}' has stopped."));
        }
    }

    private void Complete(RunningCheckpoint running, CheckpointResult result)
    {
        if (!running.IsForSavepoint || _ledger.Open.Count == 0)
        {
            running.Completion?.TrySetResult(result);
            return;
        }

        _setup.Log?.Retention.Unpin(result.Number);
        running.Completion?.TrySetException(new StreamKitException(
            $"Job '{_setup.JobName}': no savepoint was made of checkpoint {result.Number}, because {string.Join(", ", _ledger.Open.Select(static each => $"'{each.Sink}'").Distinct())} could not commit what it names, "
            + "and a savepoint has no open transactions. The job goes on and commits again after its next checkpoint; take the savepoint then."));
    }

    private void Fatal(Exception cause)
    {
        if (!_isOver)
        {
            End(cause);
            _setup.OnFailure(cause);
        }
    }

    private void End(Exception cause)
    {
        _isOver = true;
        _periodic?.Dispose();
        if (_running is { IsCommitting: false } running)
        {
            _running = null;
            running.Timeout?.Dispose();
            running.Completion?.TrySetException(cause);
        }

        while (_requests.TryDequeue(out RequestedCheckpoint? request))
        {
            request.Completion.TrySetException(cause);
        }
    }

    private ITimer Timer(TimeSpan due, Action elapsed) => _setup.TimeProvider.CreateTimer(
        static state =>
        {
            (CheckpointCoordinator coordinator, Action action) = ((CheckpointCoordinator, Action))state!; // created with this state
            coordinator.Post(action);
        },
        (this, elapsed),
        due > TimeSpan.Zero ? due : TimeSpan.Zero,
        Timeout.InfiniteTimeSpan);

    private void Post(Action action) => _context.Post(
        static state =>
        {
            (CheckpointCoordinator coordinator, Action action) = ((CheckpointCoordinator, Action))state!; // posted with this state
            try
            {
                action();
            }
            catch (Exception e)
            {
                coordinator.Fatal(e);
            }
        },
        (this, action));
}
