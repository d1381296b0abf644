using StreamKit.Checkpoints;
using StreamKit.Planning;
using StreamKit.Runtime;

namespace StreamKit;

/// <summary>
/// A job, ready to run once in this process. Made by <see cref="StreamJobBuilder.Build"/>. With checkpoints it goes on by itself from the latest one.
/// Its members may be called from any thread.
/// </summary>
public sealed class StreamJob : IAsyncDisposable
{
    private readonly JobRunner _runner;
    private readonly CancellationTokenSource _canceled = new();
    private readonly Lock _lock = new();
    private Task? _run;

    internal StreamJob(JobSettings settings, JobPlan plan)
    {
        Name = settings.Name;
        Plan = plan;
        Serializers = settings.Serializers;
        TimeProvider = settings.TimeProvider;
        _runner = new JobRunner(settings, plan);
        QueriedState = new QueriedState(settings.Name, settings.Store, _runner.Committed, settings.Restore.Renames, settings.QueryCacheBytes);
    }

    /// <summary>The job's name.</summary>
    public string Name { get; }

    /// <summary>Where the job is in its life.</summary>
    public JobStatus Status => _runner.Status;

    internal JobPlan Plan { get; }

    internal SerializerRegistry Serializers { get; }

    internal TimeProvider TimeProvider { get; }

    /// <summary>The newest checkpoint, for queries.</summary>
    internal QueriedState QueriedState { get; }

    /// <summary>Describes a new job.</summary>
    /// <param name="name">The job's name, the same in every run: its checkpoints carry it.</param>
    /// <returns>The builder.</returns>
    public static StreamJobBuilder CreateBuilder(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new StreamJobBuilder(name);
    }

    /// <summary>Runs the job until all its input is processed and its output committed, until <see cref="StopAsync"/>, or until it fails for good.</summary>
    /// <param name="cancellationToken">Ends the job at once, without a final checkpoint.</param>
    /// <returns>When the job has ended and nothing of it runs any more.</returns>
    /// <exception cref="JobFailedException">The job failed, and the restart strategy allows no further attempt.</exception>
    /// <exception cref="JobFencedException">Another process has taken the job over.</exception>
    /// <exception cref="StreamKitException">The job could not be started: its store or its checkpoint does not fit.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="InvalidOperationException">It has been run already.</exception>
    public Task RunAsync(CancellationToken cancellationToken = default) => Begin(cancellationToken);

    /// <summary>Starts the job and returns; await <see cref="RunAsync"/>'s counterpart <see cref="WaitAsync"/> for its end.</summary>
    /// <param name="cancellationToken">Ends the job at once, without a final checkpoint.</param>
    /// <returns>When the job is processing, or has ended already.</returns>
    /// <exception cref="StreamKitException">The job could not be started.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var run = Begin(cancellationToken);
        var running = _runner.Started;
        await Task.WhenAny(run, running);
        if (run.IsCompleted)
            await run;
    }

    /// <summary>Waits for the end of a job that was started.</summary>
    /// <returns>When the job has ended; fails as <see cref="RunAsync"/> does.</returns>
    public Task WaitAsync() => Running();

    /// <summary>
    /// Stops the job behind a final checkpoint: what was read is processed as far as it goes, output is committed, and the next run goes on from there.
    /// Windows that are still open stay open in the checkpoint.
    /// </summary>
    /// <returns>When the job has ended; fails as <see cref="RunAsync"/> does.</returns>
    public Task StopAsync()
    {
        var run = Running();
        _runner.RequestStop();
        return run;
    }

    /// <summary>Takes a checkpoint now.</summary>
    /// <returns>What it came to, once it is complete and its output committed.</returns>
    /// <exception cref="StreamKitException">The job is not running, or the checkpoint failed.</exception>
    public async Task<CheckpointSummary> TriggerCheckpointAsync()
    {
        var result = await _runner.TriggerCheckpointAsync();
        return new CheckpointSummary(result.Number, _runner.Now, result.Duration, result.Bytes, result.StateBytes);
    }

    /// <summary>
    /// Takes a checkpoint and makes a savepoint of it: a copy of all state and positions in a location of its own, which belongs to the caller and stays
    /// good whatever becomes of the job. The job goes on meanwhile.
    /// </summary>
    /// <param name="location">An empty location.</param>
    /// <returns>What it came to, once it is complete; its output is committed by then.</returns>
    /// <exception cref="StreamKitException">The job is not running or ended before, the location is not empty, or a store or sink failed. There is no savepoint then, and the job goes on.</exception>
    public Task<SavepointSummary> TriggerSavepointAsync(ICheckpointStore location)
    {
        ArgumentNullException.ThrowIfNull(location);
        return _runner.TriggerSavepointAsync(location);
    }

    /// <summary>Stops the job as <see cref="StopAsync"/> does, and makes a savepoint of the final checkpoint.</summary>
    /// <param name="location">An empty location.</param>
    /// <returns>What the savepoint came to, once the job has ended.</returns>
    /// <exception cref="StreamKitException">
    /// As for <see cref="TriggerSavepointAsync"/>. If the final checkpoint failed, the job goes on as its restart strategy says; if only the copy did, the job
    /// has stopped, and what it had come to is in its last checkpoint.
    /// </exception>
    public async Task<SavepointSummary> StopWithSavepointAsync(ICheckpointStore location)
    {
        ArgumentNullException.ThrowIfNull(location);
        var run = Running();
        var summary = await _runner.StopWithSavepointAsync(location);
        await run;
        return summary;
    }

    /// <summary>The job's counts as of now. Cheap enough to be asked several times a second.</summary>
    /// <returns>A snapshot.</returns>
    public JobMetrics GetMetrics() => _runner.Metrics;

    /// <summary>Ends the job at once if it still runs, without a final checkpoint, and lets go of everything.</summary>
    /// <returns>When nothing of the job runs any more.</returns>
    public async ValueTask DisposeAsync()
    {
        Task? run;
        lock (_lock)
            run = _run;
        if (run is { IsCompleted: false })
            _canceled.Cancel();
        if (run is not null)
            await Task.WhenAny(run); // how it ended is for whoever runs it
        _runner.Dispose();
        _canceled.Dispose();
    }

    private Task Begin(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_run is not null)
                throw new InvalidOperationException($"Job '{Name}' has been started already. A job runs once; build another to run it again.");
            return _run = RunLinkedAsync(cancellationToken);
        }
    }

    private async Task RunLinkedAsync(CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _canceled.Token);
        await _runner.RunAsync(linked.Token);
    }

    private Task Running()
    {
        lock (_lock)
            return _run ?? throw new InvalidOperationException($"Job '{Name}' has not been started. Call RunAsync or StartAsync first.");
    }
}
