namespace StreamKit.Runtime;

/// <summary>
/// Where a job's tasks, pumps and timers run. All concurrency of the engine goes through it, so that a simulation can own it.
/// </summary>
internal abstract class JobExecutor
{
    /// <summary>On which the engine's awaits continue.</summary>
    public abstract SynchronizationContext Context { get; }

    /// <summary>Runs a slice of work soon, once.</summary>
    public abstract void Schedule(IThreadPoolWorkItem work);

    /// <summary>Starts asynchronous work on the executor.</summary>
    public Task Run(Func<Task> work)
    {
        var started = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        Context.Post(_ => started.SetResult(Start(work)), null);
        return started.Task.Unwrap();
    }

    private static async Task Start(Func<Task> work) => await work();
}
