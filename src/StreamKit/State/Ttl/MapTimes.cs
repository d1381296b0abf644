namespace StreamKit.State;

/// <summary>
/// When the entries of a map expire, by their places in the <see cref="MapCell{TKey,TValue}"/>, and in the order in which they do: what is written goes to the
/// end of a queue, for the time to live of a run is always the same. Those that came from a checkpoint may have had another one; they have a queue of their own, sorted once.
/// </summary>
internal sealed class MapTimes
{
    // The queues are rings, closed by the first two nodes; the node of a place is behind them.
    private const int Written = 0;
    private const int Loaded = 1;
    private const int FirstPlace = 2;

    private long[] _times = [];
    private int[] _next = [Written, Loaded];
    private int[] _previous = [Written, Loaded];
    private bool _isSorted = true;

    public MapTimes()
    {
    }

    private MapTimes(MapTimes other)
    {
        _times = (long[])other._times.Clone();
        _next = (int[])other._next.Clone();
        _previous = (int[])other._previous.Clone();
        _isSorted = other._isSorted;
    }

    public MapTimes Copy() => new(this);

    /// <summary>When the entry at a place expires, in milliseconds since the Unix epoch.</summary>
    public long At(int place) => _times[place];

    /// <summary>An entry was added by user code.</summary>
    public void Add(int place, long time) => Add(place, time, Written);

    /// <summary>An entry has come from a checkpoint.</summary>
    public void Load(int place, long time)
    {
        Add(place, time, Loaded);
        _isSorted = false;
    }

    /// <summary>An entry was written again.</summary>
    public void Renew(int place, long time)
    {
        Remove(place);
        Append(place, time, Written);
    }

    /// <summary>An entry was taken out.</summary>
    public void Remove(int place)
    {
        int node = place + FirstPlace;
        _next[_previous[node]] = _next[node];
        _previous[_next[node]] = _previous[node];
    }

    /// <summary>The place of an entry that has expired; −1 when none has.</summary>
    public int NextExpired(long now)
    {
        if (!_isSorted)
            Sort();
        for (int queue = Written; queue < FirstPlace; queue++)
        {
            int first = _next[queue];
            if (first != queue && _times[first - FirstPlace] <= now)
                return first - FirstPlace;
        }

        return -1;
    }

    private void Add(int place, long time, int queue)
    {
        if (place >= _times.Length)
        {
            int capacity = Math.Max(4, Math.Max(place + 1, _times.Length * 2));
            Array.Resize(ref _times, capacity);
            Array.Resize(ref _next, capacity + FirstPlace);
            Array.Resize(ref _previous, capacity + FirstPlace);
        }

        Append(place, time, queue);
    }

    private void Append(int place, long time, int queue)
    {
        int node = place + FirstPlace;
        int last = _previous[queue];
        _times[place] = time;
        _next[node] = queue;
        _previous[node] = last;
        _next[last] = node;
        _previous[queue] = node;
    }

    private void Sort()
    {
        var loaded = new List<int>();
        for (int node = _next[Loaded]; node != Loaded; node = _next[node])
            loaded.Add(node - FirstPlace);
        loaded.Sort((left, right) => _times[left].CompareTo(_times[right]));
        (_next[Loaded], _previous[Loaded]) = (Loaded, Loaded);
        foreach (int place in loaded)
            Append(place, _times[place], Loaded);
        _isSorted = true;
    }
}
