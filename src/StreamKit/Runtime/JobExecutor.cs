using System.Runtime.CompilerServices;

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

    /// <summary>True when other work waits for a thread: who has one gives it up after the slice at hand, and else goes on.</summary>
    public abstract bool HasWaiting { get; }

    /// <summary>True when all work is done on one thread, which must not wait for other work.</summary>
    public virtual bool IsSingleThreaded => false;

    /// <summary>Runs asynchronous work on the executor; what awaits in it resumes there.</summary>
    public async Task Run(Func<Task> work)
    {
        await new Switch(Context);
        await work();
    }

    /// <summary>Goes on in a context, whatever the current one is.</summary>
    private readonly struct Switch(SynchronizationContext context) : INotifyCompletion
    {
        public bool IsCompleted => false;

        public Switch GetAwaiter() => this;

        public void OnCompleted(Action continuation) => context.Post(static action => ((Action)action!)(), continuation);

        public void GetResult()
        {
        }
    }
}
