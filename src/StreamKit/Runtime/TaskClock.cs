namespace StreamKit.Runtime;

/// <summary>How a task spends its time: working, or not. Written by the task, read by anyone.</summary>
internal sealed class TaskClock(TimeProvider time)
{
    private long _began;
    private long _busy;

    /// <summary>Time in slices, in the clock's units.</summary>
    public TimeSpan Busy => time.GetElapsedTime(0, Volatile.Read(ref _busy));

    public void Begin() => _began = time.GetTimestamp();

    public void End() => Volatile.Write(ref _busy, _busy + time.GetTimestamp() - _began);
}
