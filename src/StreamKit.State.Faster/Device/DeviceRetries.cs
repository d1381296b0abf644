namespace StreamKit.State.Faster;

/// <summary>How often an operation of the device is tried, and how long it waits in between: each pause is four times the one before.</summary>
internal sealed class DeviceRetries
{
    private const int Growth = 4;

    private readonly TimeProvider _time;
    private readonly Action<TimeSpan>? _pause;

    /// <param name="time">The clock that pauses are measured by.</param>
    /// <param name="attempts">How often to try in all.</param>
    /// <param name="firstPause">The first pause.</param>
    /// <param name="pause">Waits in another way than by blocking the thread until a timer fires, for those who own time.</param>
    public DeviceRetries(TimeProvider time, int attempts, TimeSpan firstPause, Action<TimeSpan>? pause = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        _time = time;
        _pause = pause;
        Attempts = attempts;
        FirstPause = firstPause;
    }

    public int Attempts { get; }

    public TimeSpan FirstPause { get; }

    /// <summary>Waits after a failed attempt; false if that was the last one.</summary>
    public bool WaitAfter(int attempt)
    {
        if (attempt >= Attempts)
            return false;

        var pause = FirstPause * Math.Pow(Growth, attempt - 1);
        if (_pause is not null)
            _pause(pause);
        else
            Block(pause);
        return true;
    }

    // The caller is in the middle of a synchronous read or write and cannot give its thread back.
    private void Block(TimeSpan pause)
    {
        using var elapsed = new ManualResetEventSlim();
        using var timer = _time.CreateTimer(static state => ((ManualResetEventSlim)state!).Set(), elapsed, pause, Timeout.InfiniteTimeSpan);
        elapsed.Wait();
    }
}
