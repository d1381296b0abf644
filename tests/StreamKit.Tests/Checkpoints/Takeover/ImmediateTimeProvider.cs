namespace StreamKit.Tests.Checkpoints.Takeover;

/// <summary>A clock that stands still, and whose one-shot delays are over at once.</summary>
internal sealed class ImmediateTimeProvider : TimeProvider
{
    // Longer ones are timeouts, which a model does not wait for.
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(30);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;

    public override long GetTimestamp() => 0;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime <= s_longestDelay && dueTime != Timeout.InfiniteTimeSpan)
        {
            callback(state);
        }

        return new NoTimer();
    }

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
