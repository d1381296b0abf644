namespace StreamKit;

/// <summary>A span of event time: its start belongs to it, its end does not.</summary>
/// <param name="StartMilliseconds">The first millisecond of the window, since the Unix epoch.</param>
/// <param name="EndMilliseconds">The first millisecond behind the window, since the Unix epoch.</param>
public readonly record struct TimeWindow(long StartMilliseconds, long EndMilliseconds)
{
    /// <summary>The start, UTC; inclusive.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The start is outside the years 1 to 9999.</exception>
    public DateTimeOffset Start => DateTimeOffset.FromUnixTimeMilliseconds(StartMilliseconds);

    /// <summary>The end, UTC; exclusive.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The end is outside the years 1 to 9999.</exception>
    public DateTimeOffset End => DateTimeOffset.FromUnixTimeMilliseconds(EndMilliseconds);

    /// <summary>The length.</summary>
    public TimeSpan Size => TimeSpan.FromMilliseconds(EndMilliseconds - StartMilliseconds);

    /// <summary>The last millisecond in the window, which is the timestamp of its results. It fires when the watermark reaches it.</summary>
    public long MaxTimestamp => EndMilliseconds - 1;
}
