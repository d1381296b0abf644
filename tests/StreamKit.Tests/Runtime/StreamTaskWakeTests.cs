using System.Diagnostics;
using StreamKit.Checkpoints;
using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.Runtime;
using StreamKit.State;

namespace StreamKit.Tests.Runtime;

/// <summary>A task on the real thread pool, notified by another thread: what was announced before a notification is always seen.</summary>
public class StreamTaskWakeTests
{
    /// <summary>Set to look longer: without its two fences a task slept on about once in 400,000 rounds.</summary>
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("STREAMKIT_WAKE_SECONDS") ?? "1", System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void Notify_WhileTheTaskGoesToSleep_WakesIt()
    {
        var source = new FlaggedSource();
        var task = new StreamTask(new SubtaskId("task", 0), new ThreadPoolExecutor(), TimeProvider.System, TimeSpan.Zero, new Owner());
        task.Assemble([source], source, null, []);
        var began = Stopwatch.GetTimestamp();
        for (var round = 0; Stopwatch.GetElapsedTime(began) < s_duration; round++)
        {
            for (var i = 0; i < round % 7; i++)
                task.Notify(); // for another reason: the task is on its way to sleep or awake

            source.Allow();
            task.Notify();

            Assert.True(SpinWait.SpinUntil(source.HasEmitted, TimeSpan.FromSeconds(30)), $"The task sleeps on in round {round}.");
        }

        task.Stop();
        Assert.True(SpinWait.SpinUntil(() => task.Stopped.IsCompleted, TimeSpan.FromSeconds(30)));
    }

    /// <summary>Emits once for each time it is allowed to, as a split whose read has ended.</summary>
    private sealed class FlaggedSource : ISourceOperator
    {
        private bool _isPending = true;

        public string Name => "source";

        public KeyedState? Keyed => null;

        public bool IsReady => true;

        public long NextWake => long.MaxValue;

        public void Allow() => Volatile.Write(ref _isPending, false);

        public bool HasEmitted() => Volatile.Read(ref _isPending);

        public void Open(OperatorServices services)
        {
        }

        public void OnWake(long now)
        {
        }

        public SourceStatus Poll()
        {
            if (Volatile.Read(ref _isPending))
                return SourceStatus.Waiting;
            Volatile.Write(ref _isPending, true);
            return SourceStatus.Emitted;
        }

        public void Emit(CheckpointBarrier barrier)
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Owner : ITaskOwner
    {
        public void OnFailure(StreamTask task, Exception cause) => throw new InvalidOperationException("The task failed.", cause);

        public void OnEnded(StreamTask task)
        {
        }

        public void OnSnapshot(StreamTask task, TaskSnapshot snapshot)
        {
        }
    }
}
