using StreamKit.State;

namespace StreamKit;

/// <summary>
/// How long a state keeps what it holds for a key: time to live, of lists and maps that of each item and entry. It begins anew whenever the value, item or entry
/// is written; of types that are not known to be immutable also when an object is handed out, which may change it. What has expired is never seen again: the key
/// is without it, as if it had been cleared or removed.
/// </summary>
/// <remarks>
/// Time is that of the job's <see cref="TimeProvider"/>, read once for each batch of records and for each timer or window that fires. After a restore it goes on
/// no earlier than at the time of the checkpoint.
/// </remarks>
public sealed class StateTtl
{
    private StateTtl(TimeSpan duration) => Duration = duration;

    /// <summary>How long a value is kept after it was last written.</summary>
    public TimeSpan Duration { get; }

    /// <summary>When what is written now expires, in milliseconds since the Unix epoch.</summary>
    /// <param name="clock">The time; null where nothing expires.</param>
    internal long ExpiryAt(TtlClock? clock)
    {
        long milliseconds = (long)Duration.TotalMilliseconds;
        return clock is null || milliseconds > long.MaxValue - clock.Now ? long.MaxValue : clock.Now + milliseconds;
    }

    /// <summary>Keeps values for a time after they were last written.</summary>
    /// <param name="duration">The time; at least a millisecond.</param>
    /// <returns>The time to live.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is shorter.</exception>
    public static StateTtl After(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.FromMilliseconds(1));
        return new StateTtl(duration);
    }
}
