namespace StreamKit.State;

/// <summary>When the values of a column expire, by slot. Kept in a column of its own, which is cut with that of the values, so that values without a time to live cost nothing.</summary>
/// <param name="times">Milliseconds since the Unix epoch.</param>
/// <param name="owner">Has the clock.</param>
/// <param name="ttl">How long values are kept; null where they are only read.</param>
internal sealed class SlotExpiry(Column<long> times, KeyedState owner, StateTtl? ttl)
{
    private readonly long _milliseconds = (long)(ttl?.Duration.TotalMilliseconds ?? 0);

    public Column<long> Times => times;

    /// <summary>The value of a slot is written.</summary>
    public void Renew(int slot)
    {
        if (owner.Clock is not { } clock)
            return;
        times.Set(slot, _milliseconds > long.MaxValue - clock.Now ? long.MaxValue : clock.Now + _milliseconds);
    }

    /// <summary>Whether the value of a slot that has one is no more.</summary>
    public bool IsOver(int slot, long now) => times.Known(slot) <= now;
}
