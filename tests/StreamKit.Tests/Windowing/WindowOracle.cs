namespace StreamKit.Tests.Windowing;

/// <summary>Windows by the book: every window keeps its own records, and nothing is shared or remembered cleverly.</summary>
internal sealed class WindowOracle(long size, long slide, long offset, long lateness)
{
    private readonly SortedDictionary<long, SortedDictionary<long, List<long>>> _windows = []; // by end, then key
    private long _watermark = long.MinValue;

    /// <summary>What has fired: key, window end, the records of the key in the window.</summary>
    public List<Firing> Fired { get; } = [];

    public List<long> Late { get; } = [];

    public void Add(long key, long value, long timestamp)
    {
        var isInAny = false;
        var isLate = true;
        foreach (var end in EndsOf(timestamp))
        {
            isInAny = true;
            if (IsReached(end, lateness))
                continue;
            isLate = false;
            if (!_windows.TryGetValue(end, out var byKey))
                _windows.Add(end, byKey = []);
            if (!byKey.TryGetValue(key, out var values))
                byKey.Add(key, values = []);
            values.Add(value);
            if (IsReached(end, 0))
                Fired.Add(new Firing(key, end, [.. values]));
        }

        if (isInAny && isLate)
            Late.Add(value);
    }

    public void Watermark(long watermark)
    {
        foreach (var (end, byKey) in _windows.ToList())
        {
            if (!IsReached(end, 0) && end - 1 <= watermark)
            {
                foreach (var (key, values) in byKey)
                    Fired.Add(new Firing(key, end, [.. values]));
            }
        }

        _watermark = watermark;
        foreach (var end in _windows.Keys.Where(end => IsReached(end, lateness)).ToList())
            _windows.Remove(end);
    }

    private bool IsReached(long end, long after) => (Int128)end - 1 + after <= _watermark;

    private List<long> EndsOf(long timestamp)
    {
        // The first start at or below the timestamp that is a multiple of the slide, found by stepping.
        var start = offset + ((timestamp - offset) / slide * slide) + slide;
        while (start > timestamp)
            start -= slide;
        var ends = new List<long>();
        for (; start + size > timestamp; start -= slide)
            ends.Add(start + size);
        ends.Reverse();
        return ends;
    }

    internal sealed record Firing(long Key, long End, IReadOnlyList<long> Values);
}
