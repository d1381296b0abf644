using Microsoft.Extensions.Logging;
using StreamKit.Checkpoints;
using StreamKit.Diagnostics;
using StreamKit.Elements;
using StreamKit.Graph;
using StreamKit.Operators;
using StreamKit.Planning;

namespace StreamKit.Runtime;

/// <summary>How an attempt ended without failing.</summary>
internal enum AttemptOutcome
{
    Finished,
    Stopped,
}

/// <summary>Why an attempt comes to its end, and whether a savepoint is made there.</summary>
internal sealed record AttemptEnding(CheckpointKind Kind, SavepointRequest? Savepoint = null);

/// <summary>
/// One attempt to run a job, from a claimed log to the last task's end: restores, runs, takes the final checkpoint, and takes everything down again,
/// however it ended. First start, restart, restore and rescale all come this way.
/// </summary>
internal sealed class JobAttempt : ITaskOwner, IAsyncDisposable
{
    private readonly JobSettings _settings;
    private readonly JobPlan _plan;
    private readonly JobExecutor _executor;
    private readonly MetricsRegistry _metrics;
    private readonly CheckpointLog? _log;
    private readonly Guid _jobId;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<AttemptEnding> _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, ICheckpointCommitter> _committers = [];
    private readonly AttemptSavepoints _savepoints;
    private readonly List<Task> _writes = [];
    private readonly Lock _lock = new();
    private AttemptTasks? _tasks;
    private CheckpointCoordinator? _coordinator;
    private int _running;

    public JobAttempt(JobSettings settings, JobPlan plan, JobExecutor executor, MetricsRegistry metrics, CheckpointLog? log, Guid jobId)
    {
        _settings = settings;
        _plan = plan;
        _executor = executor;
        _metrics = metrics;
        _log = log;
        _jobId = jobId;
        _savepoints = new AttemptSavepoints(settings, log, _stopping.Token);
    }

    private long Claim => _log?.Claim ?? 0;

    private CheckpointCoordinator Coordinator => _coordinator ?? throw new StreamKitException($"Job '{_settings.Name}' is not running yet: no checkpoint can be taken.");

    /// <summary>Restores and opens everything; the tasks stand ready.</summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stopping.Token);
        var restored = await RestoredJob.LoadAsync(_settings, _plan, _log, linked.Token);
        CreateCommitters();
        _tasks = new AttemptTasks(_settings, _plan, _executor, _metrics, this, restored, new AttemptIdentity(_jobId, Claim, _log is not null, _stopping.Token));
        _coordinator = CreateCoordinator(_tasks.All);
        // All of the checkpoint is read before anything is committed or discarded: it may turn out to be damaged, or not to fit.
        await _tasks.OpenAsync(_log, linked.Token);
        await _coordinator.RecoverAsync(linked.Token);
        _running = _tasks.All.Count;
    }

    /// <summary>Commits what the checkpoint names, and nothing else: for a job that had finished.</summary>
    public async Task CommitAsync()
    {
        CreateCommitters();
        _coordinator = CreateCoordinator([]);
        await _coordinator.RecoverAsync(_stopping.Token);
    }

    /// <summary>Runs until all input has ended or a stop is asked for, and takes the final checkpoint.</summary>
    /// <param name="onStopping">Called when the final checkpoint begins.</param>
    /// <param name="cancellation">Ends it at once, without a checkpoint.</param>
    public async Task<AttemptOutcome> RunAsync(Action onStopping, CancellationToken cancellation)
    {
        JobLog.Starting(_settings.Logger, _settings.Name, _tasks!.All.Count, _log?.Base is { } from ? $", from checkpoint {from.Number}" : ""); // prepared
        await using var registration = cancellation.Register(() => _failed.TrySetException(new OperationCanceledException(cancellation)));
        _coordinator!.Start(); // prepared
        _tasks.Start();
        await FirstOf(_ending.Task);
        var ending = await _ending.Task;
        onStopping();
        var last = _coordinator.TriggerAsync(ending.Kind, forSavepoint: ending.Savepoint is not null);
        await FirstOf(last);
        if (ending.Savepoint is { } savepoint)
            _savepoints.Begin(_executor, () => _savepoints.CopyAsync(savepoint, _coordinator, last));
        await FirstOf(_savepoints.CompleteAsync());
        return ending.Kind == CheckpointKind.Final ? AttemptOutcome.Finished : AttemptOutcome.Stopped;
    }

    /// <summary>Asks for the end behind a final checkpoint; <see cref="RunAsync"/> returns when it is complete.</summary>
    public void RequestStop() => _ending.TrySetResult(new AttemptEnding(CheckpointKind.Stop));

    /// <summary>Takes a checkpoint and makes a savepoint of it, while the job goes on.</summary>
    public Task<SavepointSummary> TriggerSavepointAsync(ICheckpointStore location)
    {
        var request = new SavepointRequest(location, _settings.TimeProvider.GetTimestamp());
        var coordinator = Coordinator;
        _savepoints.Begin(_executor, async () =>
        {
            if (await _savepoints.IsFreeAsync(request))
                await _savepoints.CopyAsync(request, coordinator, coordinator.TriggerAsync(CheckpointKind.Manual, forSavepoint: true));
        });
        return request.Completion.Task;
    }

    /// <summary>Asks for the end behind a final checkpoint, of which a savepoint is made.</summary>
    public Task<SavepointSummary> StopWithSavepointAsync(ICheckpointStore location)
    {
        var request = new SavepointRequest(location, _settings.TimeProvider.GetTimestamp());
        _savepoints.Begin(_executor, async () =>
        {
            if (await _savepoints.IsFreeAsync(request) && !_ending.TrySetResult(new AttemptEnding(CheckpointKind.Stop, request)))
                request.Completion.TrySetException(new StreamKitException($"Job '{_settings.Name}' was stopping or finished already: no savepoint was made. What it had come to is in its last checkpoint."));
        });
        return request.Completion.Task;
    }

    public Task<CheckpointResult> TriggerCheckpointAsync() => Coordinator.TriggerAsync(CheckpointKind.Manual);

    public void OnFailure(StreamTask task, Exception cause) => _failed.TrySetException(cause);

    public void OnEnded(StreamTask task)
    {
        if (Interlocked.Decrement(ref _running) == 0)
            _ending.TrySetResult(new AttemptEnding(CheckpointKind.Final));
    }

    public void OnSnapshot(StreamTask task, TaskSnapshot snapshot)
    {
        var write = _executor.Run(() => WriteAsync(task, snapshot));
        lock (_lock)
        {
            _writes.RemoveAll(static each => each.IsCompleted);
            _writes.Add(write);
        }
    }

    /// <summary>Takes everything down and returns when nothing runs any more.</summary>
    public async ValueTask DisposeAsync()
    {
        _failed.TrySetCanceled();
        _stopping.Cancel();
        if (_tasks is not null)
        {
            await _tasks.StopAsync();
            // Before the writes are awaited: what a sink has not prepared any more, its operator gives up.
            await _tasks.DisposeAsync();
        }

        foreach (var write in Writes())
            await write;
        if (_tasks is not null)
            await _tasks.DisposeLocalStateAsync();
        await _savepoints.CompleteAsync();
        if (_ending.Task is { IsCompletedSuccessfully: true, Result.Savepoint: { } unfinished })
            _savepoints.GiveUp(unfinished);
        if (_coordinator is not null)
            await _coordinator.DisposeAsync();
        foreach (var committer in _committers.Values.OfType<SinkCommitterAdapter>())
            await Quietly(committer.DisposeAsync(), "a sink's committer");
        _stopping.Dispose();
        _ = _failed.Task.Exception; // seen: whoever ran the attempt has been told
    }

    /// <summary>Waits for a task, or for the attempt's failure.</summary>
    private async Task FirstOf(Task task)
    {
        // Awaited one by one, so that what follows runs on the executor: WhenAny on its own would go on in the thread pool.
        await await Task.WhenAny(Await(task), Await(_failed.Task));

        static async Task Await(Task task) => await task;
    }

    private Task[] Writes()
    {
        lock (_lock)
            return [.. _writes];
    }

    private async Task WriteAsync(StreamTask task, TaskSnapshot snapshot)
    {
        var coordinator = _coordinator!; // made before the tasks ran
        try
        {
            // Before anything that may fail: what the sinks prepared belongs into the next manifest even if this checkpoint fails.
            var prepared = new List<PreparedTransaction>();
            foreach (var cut in snapshot.Cuts)
                prepared.AddRange(await SnapshotWriter.PreparedByAsync(cut));
            await ReportAsync(coordinator, task, snapshot, prepared);
            task.Notify(); // its state is to be told how the cut ended, before the next barrier comes
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            snapshot.Abandon(); // the attempt is over, and its checkpoints with it
        }
        catch (Exception cause)
        {
            // A sink lost what it had taken since the last barrier: only going back to the last checkpoint brings it again.
            snapshot.Abandon();
            _failed.TrySetException(cause);
        }
    }

    private async Task ReportAsync(CheckpointCoordinator coordinator, StreamTask task, TaskSnapshot snapshot, List<PreparedTransaction> prepared)
    {
        try
        {
            var tasks = _tasks!; // there is a snapshot of one of them
            var operators = new List<OperatorSnapshot>();
            var writer = new SnapshotWriter(_log, name => tasks.StoredStateOf(name, task.Id.Index), tasks.ParallelismOf(task), task.Id.Index);
            for (var i = 0; i < snapshot.Cuts.Count; i++)
                operators.Add(await writer.WriteAsync(snapshot.Cuts[i], tasks.PartOf(task, i), snapshot.Barrier, _stopping.Token));
            coordinator.Acknowledge(snapshot.Barrier.Id, new SubtaskSnapshot(task.Id, operators));
        }
        catch (Exception cause) when (!_stopping.IsCancellationRequested)
        {
            snapshot.Abandon();
            coordinator.Decline(snapshot.Barrier.Id, task.Id, cause, prepared);
        }
    }

    private void CreateCommitters()
    {
        foreach (var sink in _plan.Chains.SelectMany(static chain => chain.Nodes).OfType<SinkNode>())
        {
            var context = new SinkContext(sink.Name, _jobId, Claim, -1, 0, _log is not null, _settings.TimeProvider, _settings.Logger, _settings.Serializers);
            if (sink.CreateCommitter(context) is { } committer)
                _committers.Add(sink.Name, new SinkCommitterAdapter(committer));
        }
    }

    private CheckpointCoordinator CreateCoordinator(IReadOnlyList<StreamTask> tasks) => new(new CheckpointCoordinatorSetup
    {
        JobName = _settings.Name,
        Options = _settings.Checkpoints,
        TimeProvider = _settings.TimeProvider,
        Logger = _settings.Logger,
        Context = _executor.Context,
        Log = _log,
        Participants = [.. tasks.Select(static task => task.Id)],
        Committers = _committers,
        SinkName = name => _settings.Restore.Renames.GetValueOrDefault(name, name),
        TriggerSources = request =>
        {
            var barrier = new CheckpointBarrier(request.Id, request.Kind is CheckpointKind.Stop or CheckpointKind.Final);
            foreach (var task in tasks)
            {
                if (task.IsSource)
                    task.TriggerBarrier(barrier);
            }
        },
        OnFailure = cause => _failed.TrySetException(cause),
        OnCompleted = result =>
        {
            _metrics.OnCompleted(result);
            JobLog.CheckpointCompleted(_settings.Logger, _settings.Name, result.Number, result.Duration, result.Bytes);
        },
        OnCheckpointFailed = (_, cause) =>
        {
            _metrics.OnFailed();
            JobLog.CheckpointFailed(_settings.Logger, cause, _settings.Name);
        },
    });

    private async Task Quietly(ValueTask work, string part)
    {
        try
        {
            await work;
        }
        catch (Exception cause)
        {
            JobLog.TeardownFailed(_settings.Logger, cause, _settings.Name, part);
        }
    }
}
