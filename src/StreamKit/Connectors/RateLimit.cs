namespace StreamKit.Connectors;

/// <summary>
/// A token bucket shared by all readers of a source. Tokens are handed out in advance with the time at which they may be used,
/// so that every reader waits once, in the order of asking, and none has to look again.
/// </summary>
internal sealed class RateLimit(double eventsPerSecond)
{
    /// <summary>How long a batch may take to fill: long enough for one timer per batch to cost nothing, too short to be seen.</summary>
    private static readonly TimeSpan s_batch = TimeSpan.FromMilliseconds(5);

    /// <summary>How far a job that was held up may catch up at once.</summary>
    private static readonly TimeSpan s_burst = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private TimeProvider? _clock;

    /// <summary>The clock's reading when it was first asked; what is counted from there keeps its precision.</summary>
    private long _origin;

    /// <summary>When the next token may be used, in ticks of the clock since the origin; fractions matter at high rates.</summary>
    private double _next;

    /// <summary>Takes 1 to <paramref name="max"/> tokens.</summary>
    /// <param name="clock">The job's clock. Another clock than last time starts over.</param>
    /// <param name="max">How many can be used.</param>
    /// <param name="wait">How long to wait before they may be used.</param>
    /// <returns>How many were taken.</returns>
    public int Take(TimeProvider clock, int max, out TimeSpan wait)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(clock, _clock))
            {
                _clock = clock;
                _origin = clock.GetTimestamp();
                _next = 0;
            }

            double now = clock.GetTimestamp() - _origin;
            double interval = clock.TimestampFrequency / eventsPerSecond;
            _next = Math.Max(_next, now - (s_burst.TotalSeconds * clock.TimestampFrequency));
            double atOnce = _next > now ? 0 : Math.Floor((now - _next) / interval) + 1;
            double inOneBatch = Math.Max(1, Math.Floor(s_batch.TotalSeconds * eventsPerSecond));
            int taken = (int)Math.Min(max, atOnce > 0 ? atOnce : inOneBatch);
            double lastAt = _next + ((taken - 1) * interval);
            _next += taken * interval;
            wait = lastAt <= now ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Max(1, Math.Round((lastAt - now) * 1000 / clock.TimestampFrequency)));
            return taken;
        }
    }

    /// <summary>Gives back tokens that were not used.</summary>
    public void Return(TimeProvider clock, int count)
    {
        lock (_lock)
        {
            if (ReferenceEquals(clock, _clock))
                _next -= count * (clock.TimestampFrequency / eventsPerSecond);
        }
    }
}
