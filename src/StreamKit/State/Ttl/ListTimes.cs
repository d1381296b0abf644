namespace StreamKit.State;

/// <summary>
/// When the items of a list expire, by index, in milliseconds since the Unix epoch. As a rule in the order of the list; not when an item was replaced, or when
/// the time to live has become shorter.
/// </summary>
/// <param name="owner">Has the clock.</param>
/// <param name="ttl">How long items are kept; null where they are only read.</param>
internal sealed class ListTimes(KeyedState owner, StateTtl? ttl)
{
    private long[] _times = [];
    private bool _isOrdered = true;

    /// <summary>No item of a list out of order expires before; a lower bound.</summary>
    private long _earliest = long.MinValue;

    /// <summary>When what is written now expires.</summary>
    public long Next => ttl?.ExpiryAt(owner.Clock) ?? long.MaxValue;

    public long this[int index] => _times[index];

    public ReadOnlySpan<long> Of(int first, int count) => _times.AsSpan(first, count);

    /// <summary>An item is behind all others.</summary>
    public void Add(int index, long time)
    {
        if (index >= _times.Length)
            Array.Resize(ref _times, Math.Max(4, Math.Max(index + 1, _times.Length * 2)));
        _times[index] = time;
        _earliest = Math.Min(_earliest, time);
        if (index > 0 && _times[index - 1] > time)
            _isOrdered = false;
    }

    /// <summary>An item is written again.</summary>
    public void Renew(int index, int end)
    {
        long time = Next;
        _times[index] = time;
        _earliest = Math.Min(_earliest, time);
        if ((index > 0 && _times[index - 1] > time) || (index + 1 < end && _times[index + 1] < time))
            _isOrdered = false;
    }

    /// <summary>Finds the first item that has not expired.</summary>
    /// <param name="first">The first one so far.</param>
    /// <param name="end">The end of the list.</param>
    /// <param name="now">The time.</param>
    /// <param name="hasGaps">Receives whether there is one behind it that has.</param>
    public int Expire(int first, int end, long now, out bool hasGaps)
    {
        while (first < end && _times[first] <= now)
            first++;
        hasGaps = false;
        if (_isOrdered || _earliest > now)
            return first;
        _earliest = long.MaxValue;
        for (int index = first; index < end; index++)
        {
            _earliest = Math.Min(_earliest, _times[index]);
            hasGaps |= _times[index] <= now;
        }

        return first;
    }
}
