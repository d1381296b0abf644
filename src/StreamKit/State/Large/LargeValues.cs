namespace StreamKit.State;

/// <summary>
/// The lists or maps of one state that are stored in parts, so that a cut takes those parts only that have changed. A column holds them, and says which slots
/// have changed; this knows which values. Owned by the thread of the state.
/// </summary>
internal sealed class LargeValues
{
    private List<LargeValue> _changed = [];

    /// <summary>Counts the cuts.</summary>
    public int Epoch { get; private set; } = 1;

    /// <summary>The cut that is not settled yet.</summary>
    public LargeCut? Cut { get; private set; }

    /// <summary>Takes the rows of parts for the cut.</summary>
    public LargeCutSink Sink { get; } = new();

    /// <summary>Where whoever writes a part may put together which places are in it.</summary>
    public List<int> Places { get; } = [];

    /// <summary>Something of a value has changed since the last cut; called once in each epoch.</summary>
    public void Add(LargeValue value)
    {
        value.Place = _changed.Count;
        _changed.Add(value);
    }

    /// <summary>The next cut need not look at a value that was added in this epoch.</summary>
    public void Remove(LargeValue value)
    {
        LargeValue last = _changed[^1];
        last.Place = value.Place;
        _changed[last.Place] = last;
        _changed.RemoveAt(_changed.Count - 1);
    }

    /// <summary>Begins a cut. Takes no time.</summary>
    /// <param name="column">The cut of the column that holds the values, begun at the same moment.</param>
    /// <param name="enlarge">Called when rows are stored with the slot of each small value that has come in parts, and the first of them.</param>
    /// <param name="expiredAt">What has expired by then is dead; null where nothing expires.</param>
    public LargeCut BeginCut(CutTable column, Action<int, ValuePart> enlarge, long? expiredAt)
    {
        Cut = new LargeCut(this, column, _changed, Epoch, enlarge, expiredAt);
        _changed = [];
        Epoch++;
        return Cut;
    }

    /// <summary>Everything is in the segments, as it is.</summary>
    public void MarkStored()
    {
        while (_changed.Count > 0)
            _changed[^1].MarkStored();
    }

    /// <summary>The cut is settled.</summary>
    internal void EndCut() => Cut = null;
}
