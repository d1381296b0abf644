namespace StreamKit.State;

/// <summary>The time by which state expires, in milliseconds since the Unix epoch. Never goes back, not behind a checkpoint either: what has expired once stays so.</summary>
/// <param name="time">The job's clock.</param>
/// <param name="notBefore">The time of the checkpoint restored.</param>
internal sealed class TtlClock(TimeProvider time, long notBefore)
{
    /// <summary>The time when it was last read.</summary>
    public long Now { get; private set; } = notBefore;

    /// <summary>Reads the clock.</summary>
    public long Read() => Now = Math.Max(Now, time.GetUtcNow().ToUnixTimeMilliseconds());
}
