namespace StreamKit;

/// <summary>Whether and when a job goes on after a failure, from its latest checkpoint. Not asked where trying again cannot help: see <see cref="StreamKitException.IsPermanent"/>.</summary>
public abstract class RestartStrategy
{
    private protected RestartStrategy()
    {
    }

    /// <summary>Never: the first failure ends the job.</summary>
    public static RestartStrategy None { get; } = new Never();

    /// <summary>Up to <paramref name="attempts"/> times, after the same delay each time.</summary>
    /// <param name="attempts">How many restarts; at least 1. <see cref="int.MaxValue"/> for no limit.</param>
    /// <param name="delay">The delay before each.</param>
    /// <returns>The strategy.</returns>
    public static RestartStrategy FixedDelay(int attempts, TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return new Fixed(attempts, delay);
    }

    /// <summary>
    /// Without limit, after a delay that doubles with each failure from <paramref name="initial"/> to <paramref name="maximum"/>.
    /// A checkpoint completed since the last failure begins anew.
    /// </summary>
    /// <param name="initial">The first delay; positive.</param>
    /// <param name="maximum">The longest delay.</param>
    /// <param name="attempts">How many failures in a row end the job; <see cref="int.MaxValue"/> (the default) for no limit.</param>
    /// <returns>The strategy.</returns>
    public static RestartStrategy ExponentialDelay(TimeSpan initial, TimeSpan maximum, int attempts = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(initial, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, initial);
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        return new Exponential(initial, maximum, attempts);
    }

    /// <summary>The delay before the next attempt; null when there is none.</summary>
    /// <param name="failures">Failures so far, this one included.</param>
    /// <param name="failuresInARow">Those since the last completed checkpoint, this one included.</param>
    internal abstract TimeSpan? DelayAfter(int failures, int failuresInARow);

    private sealed class Never : RestartStrategy
    {
        internal override TimeSpan? DelayAfter(int failures, int failuresInARow) => null;
    }

    private sealed class Fixed(int attempts, TimeSpan delay) : RestartStrategy
    {
        internal override TimeSpan? DelayAfter(int failures, int failuresInARow) => failures > attempts ? null : delay;
    }

    private sealed class Exponential(TimeSpan initial, TimeSpan maximum, int attempts) : RestartStrategy
    {
        internal override TimeSpan? DelayAfter(int failures, int failuresInARow)
        {
            if (failuresInARow > attempts)
                return null;
            var factor = Math.Pow(2, Math.Min(failuresInARow - 1, 30)); // beyond 2^30 every maximum is reached
            return TimeSpan.FromTicks((long)Math.Min(initial.Ticks * factor, maximum.Ticks));
        }
    }
}
