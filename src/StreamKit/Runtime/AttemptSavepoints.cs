using StreamKit.Checkpoints;

namespace StreamKit.Runtime;

/// <summary>A savepoint that somebody waits for.</summary>
/// <param name="Location">Where it is to be.</param>
/// <param name="Began">When it was asked for.</param>
internal sealed record SavepointRequest(ICheckpointStore Location, long Began)
{
    public TaskCompletionSource<SavepointSummary> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>
/// The savepoints asked of one attempt. A checkpoint is taken for each and kept in force while it is copied, beside the job. Failures go to
/// whoever asked, and leave the job alone. Safe for concurrent use.
/// </summary>
internal sealed class AttemptSavepoints(JobSettings settings, CheckpointLog? log, CancellationToken stopping)
{
    private readonly Lock _lock = new();
    private readonly List<Task> _underWay = [];

    /// <summary>Begins something that is waited for at the end; it never throws.</summary>
    public void Begin(JobExecutor executor, Func<Task> work)
    {
        lock (_lock)
        {
            _underWay.RemoveAll(static each => each.IsCompleted);
            _underWay.Add(executor.Run(work));
        }
    }

    /// <summary>Returns when nothing is under way.</summary>
    public async Task CompleteAsync()
    {
        Task[] underWay;
        lock (_lock)
            underWay = [.. _underWay];
        foreach (var each in underWay)
            await each;
    }

    /// <summary>Whether a savepoint can be written there; tells whoever asked when not. Before a checkpoint is taken, or a job stopped, in vain.</summary>
    public Task<bool> IsFreeAsync(SavepointRequest request) => TellAsync(request, async () =>
    {
        if (log is null)
            throw new StreamKitException($"Job '{settings.Name}' has no checkpoint store, so its state is nowhere that a savepoint could be made from. Call UseCheckpoints.");
        await SavepointWriter.ThrowIfOccupiedAsync(request.Location, stopping);
    });

    /// <summary>Makes a savepoint of a checkpoint, once that is complete.</summary>
    public Task CopyAsync(SavepointRequest request, CheckpointCoordinator coordinator, Task<CheckpointResult> taken) => TellAsync(request, async () =>
    {
        var checkpoint = await taken;
        try
        {
            var manifest = checkpoint.Manifest!; // there is a log
            var writer = new SavepointWriter(log!.Store, request.Location, SavepointNames.Writer(manifest.Job, manifest.Number), settings.TimeProvider, settings.Logger);
            var bytes = await writer.WriteAsync(manifest, stopping);
            request.Completion.TrySetResult(new SavepointSummary(checkpoint.Number, settings.TimeProvider.GetUtcNow(), settings.TimeProvider.GetElapsedTime(request.Began), bytes));
        }
        finally
        {
            coordinator.Unpin(checkpoint.Number);
        }
    });

    /// <summary>Tells whoever asked that the attempt has ended before.</summary>
    public void GiveUp(SavepointRequest request) => request.Completion.TrySetException(Ended());

    private async Task<bool> TellAsync(SavepointRequest request, Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            GiveUp(request);
        }
        catch (Exception cause)
        {
            request.Completion.TrySetException(cause);
        }

        return false;
    }

    private StreamKitException Ended() => new($"Job '{settings.Name}' ended before the savepoint was complete: there is none. Take it again when the job runs.");
}
