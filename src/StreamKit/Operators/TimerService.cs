using StreamKit.Operators;
using StreamKit.State;

namespace StreamKit;

/// <summary>
/// Timers of the key at hand. A timer is its timestamp: registering the same one twice gives one timer. Timers are part of checkpoints.
/// Use it only while a record or a timer is processed.
/// </summary>
public sealed class TimerService
{
    private readonly TimerTable _timers;
    private readonly KeyedState _state;

    internal TimerService(TimerTable timers, KeyedState state)
    {
        _timers = timers;
        _state = state;
    }

    /// <summary>
    /// Registers a timer that fires when the watermark reaches <paramref name="timestamp"/>. One at or behind the watermark fires when the watermark rises next;
    /// one registered by a firing timer fires in the same pass if the watermark has reached it.
    /// At the end of input every timer fires, so a timer that always registers the next one never ends a bounded job.
    /// </summary>
    /// <param name="timestamp">Milliseconds since the Unix epoch; <see cref="long.MaxValue"/> for the end of input.</param>
    public void RegisterEventTime(long timestamp) => _timers.EventTime.Register(Slot, timestamp);

    /// <inheritdoc cref="RegisterEventTime(long)"/>
    /// <param name="timestamp">The instant, rounded up to a whole millisecond.</param>
    public void RegisterEventTime(DateTimeOffset timestamp) => RegisterEventTime(RoundUp(timestamp));

    /// <summary>Deletes a timer; nothing happens if there is none.</summary>
    /// <param name="timestamp">The timestamp with which it was registered, in milliseconds since the Unix epoch.</param>
    public void DeleteEventTime(long timestamp) => _timers.EventTime.Delete(Slot, timestamp);

    /// <inheritdoc cref="DeleteEventTime(long)"/>
    /// <param name="timestamp">The instant with which it was registered.</param>
    public void DeleteEventTime(DateTimeOffset timestamp) => DeleteEventTime(RoundUp(timestamp));

    /// <summary>
    /// Registers a timer that fires when the job's clock reaches <paramref name="timestamp"/>. One in the past fires soon.
    /// What was due while the job did not run fires when it is restored. Timers that are pending at the end of input never fire.
    /// </summary>
    /// <param name="timestamp">Milliseconds since the Unix epoch.</param>
    public void RegisterProcessingTime(long timestamp) => _timers.ProcessingTime.Register(Slot, timestamp);

    /// <inheritdoc cref="RegisterProcessingTime(long)"/>
    /// <param name="timestamp">The instant, rounded up to a whole millisecond.</param>
    public void RegisterProcessingTime(DateTimeOffset timestamp) => RegisterProcessingTime(RoundUp(timestamp));

    /// <summary>Deletes a timer; nothing happens if there is none.</summary>
    /// <param name="timestamp">The timestamp with which it was registered, in milliseconds since the Unix epoch.</param>
    public void DeleteProcessingTime(long timestamp) => _timers.ProcessingTime.Delete(Slot, timestamp);

    /// <inheritdoc cref="DeleteProcessingTime(long)"/>
    /// <param name="timestamp">The instant with which it was registered.</param>
    public void DeleteProcessingTime(DateTimeOffset timestamp) => DeleteProcessingTime(RoundUp(timestamp));

    private int Slot => _state.RequireSlot(_timers);

    // A timer never fires before its instant.
    private static long RoundUp(DateTimeOffset timestamp) => timestamp.AddTicks(TimeSpan.TicksPerMillisecond - 1).ToUnixTimeMilliseconds();
}
