namespace StreamKit.State;

/// <summary>
/// The cut of a state whose values may be large: that of the column that holds them, and of the large ones the parts that have changed. Those are serialized on
/// the owner's thread, before they are touched or in their turn.
/// </summary>
internal sealed class LargeCut(LargeValues owner, CutTable column, List<LargeValue> values, int epoch, Action<int, ValuePart> enlarge, long? expiredAt) : CutTable
{
    /// <summary>What a part of some kilobytes counts, compared with a small value.</summary>
    private const int SlotsPerPart = 16;

    private readonly Dictionary<int, LargeCutRows> _bySlot = [];
    private readonly List<(int Slot, ValuePart First)> _divided = [];
    private int _next;
    private int _settled;
    private int _enlarged;
    private Exception? _failure;
    private volatile bool _released;

    /// <summary>The epoch that ended with this cut.</summary>
    public int Epoch => epoch;

    /// <summary>Whether the cut wants nothing any more.</summary>
    public bool IsReleased => _released;

    public override Exception? Failure => _failure ?? column.Failure;

    /// <summary>Whether a value was there at the barrier.</summary>
    public bool Holds(LargeValue value) => value.DetachedAt == 0 || value.DetachedAt > epoch;

    /// <summary>Makes room for the rows of a value.</summary>
    public LargeCutRows Begin(LargeValue value)
    {
        var rows = new LargeCutRows { Replaces = value.Replaces };
        _bySlot.Add(value.Slot, rows);
        return rows;
    }

    /// <summary>What has expired at the barrier is not alive at any time that a job could go on from here.</summary>
    public override IsDeadRow? DeadRows => expiredAt is { } now ? (in SegmentRow row) => TimedRow.ReadExpiry(row.Value) <= now : null;

    public override bool Advance(ref int slots)
    {
        if (!column.Advance(ref slots))
            return false;
        for (; _next < values.Count && !_released; _next++)
        {
            while (Holds(values[_next]) && values[_next].TakeNext())
            {
                slots -= SlotsPerPart;
                if (slots <= 0)
                    return false;
            }
        }

        return true;
    }

    public override void CollectSlots(SlotSet into) => column.CollectSlots(into);

    public override void WriteSlot(int slot, OrderedRowSink sink)
    {
        if (_bySlot.TryGetValue(slot, out LargeCutRows? rows))
        {
            rows.Write(sink);
            return;
        }

        column.WriteSlot(slot, sink);
        if (sink.Parts is not { } first)
            return;
        sink.Parts = null;
        _divided.Add((slot, first));
    }

    /// <summary>A part cannot be serialized.</summary>
    public void Fail(Exception failure)
    {
        _failure = failure;
        Release();
    }

    public override void Release()
    {
        _released = true;
        column.Release();
    }

    public override bool Settle(bool stored, ref int pages)
    {
        if (!column.Settle(stored, ref pages))
            return false;
        for (; _settled < values.Count; _settled++)
        {
            if (pages-- <= 0)
                return false;
            if (Holds(values[_settled]))
                values[_settled].Settle(stored);
        }

        owner.EndCut();
        for (; stored && _enlarged < _divided.Count; _enlarged++)
        {
            if (pages-- <= 0)
                return false;
            enlarge(_divided[_enlarged].Slot, _divided[_enlarged].First);
        }

        return true;
    }
}
