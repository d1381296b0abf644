using System.Collections.Concurrent;

namespace StreamKit.Tests.TestSupport;

/// <summary>A synchronization context whose work is done when a test says so, on the test's thread, in the order of posting.</summary>
internal sealed class ManualContext : SynchronizationContext
{
    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _posted = [];

    public override void Post(SendOrPostCallback d, object? state) => _posted.Enqueue((d, state));

    public override void Send(SendOrPostCallback d, object? state) => throw new InvalidOperationException("Post instead.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs everything posted, and what that posts.</summary>
    public void RunAll()
    {
        SynchronizationContext? previous = Current;
        SetSynchronizationContext(this);
        try
        {
            while (_posted.TryDequeue(out (SendOrPostCallback Callback, object? State) next))
            {
                next.Callback(next.State);
            }
        }
        finally
        {
            SetSynchronizationContext(previous);
        }
    }

    /// <summary>Runs a piece of asynchronous work to its end here; fails when it waits for something that does not happen.</summary>
    public T Run<T>(Func<Task<T>> work, ManualTimeProvider? clock = null)
    {
        Task<T>? task = null;
        Post(_ => task = work(), null);
        for (int i = 0; i < 1000; i++)
        {
            RunAll();
            if (task!.IsCompleted)
            {
                return task.GetAwaiter().GetResult();
            }

            if (clock is { ArmedTimers: 0 })
            {
                break;
            }

            clock?.Advance(TimeSpan.FromSeconds(1));
        }

        throw new InvalidOperationException("The work waits for something that does not happen.");
    }

    public void Run(Func<Task> work, ManualTimeProvider? clock = null) => Run(
        async () =>
        {
            await work();
            return true;
        },
        clock);
}
