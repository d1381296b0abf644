namespace StreamKit;

/// <summary>
/// How long a state keeps what it holds for a key: time to live. It begins anew whenever the value is written; of types that are not known to be immutable also
/// when an object is handed out, which may change it. What has expired is never seen again: the key is without a value, as if it had been cleared.
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
