using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>The firing of due timers where the values of their keys may have to be loaded first: a few at a time, and again from where it had to wait.</summary>
internal sealed class TimerFiring(Residency residency)
{
    /// <summary>As many as a batch has: what is loaded together is in memory together.</summary>
    private const int MostSlots = 512;

    private readonly int[] _upcoming = new int[MostSlots];
    private int[] _slots = [];
    private int _count;
    private int _next;
    private int _loaded;
    private TimerQueue? _queue;
    private long _through;

    public TimeDomain Domain { get; private set; }

    /// <summary>The timestamp of the timers at hand.</summary>
    public long Timestamp { get; private set; }

    public TimerQueue Queue => _queue ?? throw new InvalidOperationException("No timers are being fired.");

    /// <summary>True when no timer is left that was due.</summary>
    public bool IsDone => _queue is null;

    /// <summary>Begins with the timers up to a moment.</summary>
    public void Begin(TimerQueue queue, TimeDomain domain, long through) => (_queue, Domain, _through) = (queue, domain, through);

    /// <summary>The next timers of one timestamp, whose keys' values are in memory; they are taken out.</summary>
    /// <param name="slots">Receives their slots, valid until the next call; none when they have to be loaded first, which takes a while.</param>
    /// <returns>False when none is left.</returns>
    public bool TryNext(out ReadOnlySpan<int> slots)
    {
        slots = default;
        if (_next == _count)
        {
            if (!TryLoadUpcoming())
                return true;
            if (!TryTake())
            {
                _queue = null;
                return false;
            }
        }

        var some = _slots.AsSpan(_next, Math.Min(MostSlots, _count - _next));
        if (!residency.TryLoad(some))
            return true;
        _next += some.Length;
        _loaded -= some.Length;
        slots = some;
        return true;
    }

    /// <summary>Timers of many timestamps may have few keys each: their values are loaded together. Some may leave again before their turn.</summary>
    private bool TryLoadUpcoming()
    {
        if (_loaded > 0)
            return true;
        _loaded = Queue.Upcoming(_through, _upcoming);
        return residency.TryLoad(_upcoming.AsSpan(0, _loaded));
    }

    private bool TryTake()
    {
        (_next, _count) = (0, 0);
        if (!Queue.TryTake(_through, out var timestamp, out var timers))
        {
            _loaded = 0;
            return false;
        }

        if (_slots.Length < timers.Length)
            _slots = new int[timers.Length];
        foreach (var timer in timers)
            _slots[_count++] = TimerBucket.SlotOf(timer);
        Timestamp = timestamp;
        return true;
    }
}
