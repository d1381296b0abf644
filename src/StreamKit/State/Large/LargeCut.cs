namespace StreamKit.State;

/// <summary>
/// The cut of a state whose values may be large: that of the column that holds them, and of the large ones the parts that have changed. Those are serialized on
/// the owner's thread, before they are touched or in their turn.
/// </summary>
internal sealed class LargeCut(LargeValues owner, CutTable column, List<LargeValue> values, int epoch, Action<int, ValuePart> enlarge) : CutTable
{
    /// <summary>What a part of some kilobytes counts, compared with a small value.</summary>
    private const int SlotsPerPart = 16;

    private readonly Dictionary<int, LargeCutRows> _bySlot = [];
    private readonly List<(int Slot, ValuePart First)> _divided = [];
    private int _next;
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

    public override void Settle(bool stored)
    {
        column.Settle(stored);
        foreach (LargeValue value in values)
        {
            if (Holds(value))
                value.Settle(stored);
        }

        owner.EndCut();
        if (!stored)
            return;
        foreach ((int slot, ValuePart first) in _divided)
            enlarge(slot, first);
    }
}
