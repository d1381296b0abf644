using StreamKit.Windowing;

namespace StreamKit;

/// <summary>Divides event time into windows; see <see cref="TumblingEventTimeWindows"/> and <see cref="SlidingEventTimeWindows"/>.</summary>
public abstract class EventTimeWindows
{
    private protected EventTimeWindows(WindowLayout layout) => Layout = layout;

    internal WindowLayout Layout { get; }

    /// <inheritdoc/>
    public override string ToString() => Layout.ToString();

    private protected static long Milliseconds(TimeSpan duration, string parameter)
    {
        if (duration.Ticks % TimeSpan.TicksPerMillisecond != 0)
            throw new ArgumentOutOfRangeException(parameter, duration, "Event time counts whole milliseconds.");
        return duration.Ticks / TimeSpan.TicksPerMillisecond;
    }

    private protected static long PositiveMilliseconds(TimeSpan duration, string parameter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero, parameter);
        return Milliseconds(duration, parameter);
    }
}

/// <summary>Windows of one size, one behind the other, aligned to the Unix epoch: every record is in exactly one.</summary>
public sealed class TumblingEventTimeWindows : EventTimeWindows
{
    private TumblingEventTimeWindows(WindowLayout layout)
        : base(layout)
    {
    }

    /// <summary>Makes windows of a size.</summary>
    /// <param name="size">The length of each window: whole milliseconds, at least one.</param>
    /// <param name="offset">How far their starts are shifted: windows of a day with an offset of −2 hours begin at midnight in a zone of UTC+2. Default none.</param>
    /// <returns>The windows.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive, or one of both is not a whole number of milliseconds.</exception>
    public static TumblingEventTimeWindows Of(TimeSpan size, TimeSpan offset = default)
    {
        var length = PositiveMilliseconds(size, nameof(size));
        return new(new WindowLayout(length, length, Milliseconds(offset, nameof(offset))));
    }
}

/// <summary>Windows of one size of which a new one starts at every slide, aligned to the Unix epoch: a record is in as many as overlap. With a slide above the size, some records are in none.</summary>
public sealed class SlidingEventTimeWindows : EventTimeWindows
{
    private SlidingEventTimeWindows(WindowLayout layout)
        : base(layout)
    {
    }

    /// <summary>Makes windows of a size.</summary>
    /// <param name="size">The length of each window: whole milliseconds, at least one.</param>
    /// <param name="slide">The distance from one start to the next: whole milliseconds, at least one.</param>
    /// <param name="offset">How far their starts are shifted. Default none.</param>
    /// <returns>The windows.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Size or slide is not positive, or one of the three is not a whole number of milliseconds.</exception>
    public static SlidingEventTimeWindows Of(TimeSpan size, TimeSpan slide, TimeSpan offset = default) => new(new WindowLayout(
        PositiveMilliseconds(size, nameof(size)), PositiveMilliseconds(slide, nameof(slide)), Milliseconds(offset, nameof(offset))));
}
