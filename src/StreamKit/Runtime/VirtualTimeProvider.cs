namespace StreamKit.Runtime;

/// <summary>A clock that stands still until it is moved. Timers that come due are handed to the simulation. One thread.</summary>
internal sealed class VirtualTimeProvider(DateTimeOffset start, Action<Action> schedule) : TimeProvider
{
    private readonly PriorityQueue<Due, (long Ticks, long Sequence)> _timers = new();
    private long _elapsed;
    private long _sequence;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => start.AddTicks(_elapsed);

    public override long GetTimestamp() => _elapsed;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves time to the next timer and makes it ready.</summary>
    /// <returns>False when no timer is set.</returns>
    public bool AdvanceToNextTimer()
    {
        while (_timers.TryDequeue(out var due, out var when))
        {
            if (due.Timer.Version != due.Version)
                continue;
            _elapsed = Math.Max(_elapsed, when.Ticks);
            schedule(due.Timer.Fire);
            return true;
        }

        return false;
    }

    private readonly record struct Due(VirtualTimer Timer, int Version);

    private sealed class VirtualTimer(VirtualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public int Version { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Version++;
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
                clock._timers.Enqueue(new Due(this, Version), (clock._elapsed + dueTime.Ticks, clock._sequence++));
            return true;
        }

        public void Fire()
        {
            var version = Version;
            callback(state);
            if (_period > TimeSpan.Zero && Version == version)
                Change(_period, _period);
        }

        public void Dispose() => Version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
