namespace StreamKit.State;

/// <summary>
/// A list or map of one key in parts. A part that is about to be changed, or whose objects are handed out, is prepared for it: an open cut that wants it gets
/// its rows first. So what changes after a barrier costs its own part, however large the value is. Owned by the thread of its <see cref="LargeValues"/>.
/// </summary>
internal abstract class LargeValue(LargeValues owner, int slot)
{
    /// <summary>The slot of its key.</summary>
    public int Slot => slot;

    /// <summary>Whether segments may have rows of what was there before it, which its own do not replace one by one.</summary>
    public bool Replaces { get; set; }

    /// <summary>The epoch in which the key lost it; 0 while it has it.</summary>
    public int DetachedAt { get; private set; }

    /// <summary>Where it stands among the values that have changed; kept by <see cref="LargeValues"/>.</summary>
    public int Place { get; set; }

    protected LargeValues Owner => owner;

    /// <summary>The epoch in which it was last added to the values that have changed.</summary>
    protected int AddedAt { get; set; }

    /// <summary>The key has it no longer.</summary>
    public void Detach()
    {
        DetachedAt = owner.Epoch;
        LeaveChanged();
    }

    /// <summary>Gives one more part to the open cut, between batches.</summary>
    /// <returns>False when there was none left.</returns>
    public abstract bool TakeNext();

    /// <summary>The open cut has ended.</summary>
    /// <param name="stored">Whether its rows are in a segment; otherwise its parts go into the next one.</param>
    public abstract void Settle(bool stored);

    /// <summary>All of it is in the segments, as it is.</summary>
    public abstract void MarkStored();

    /// <summary>Writes all rows.</summary>
    public abstract void WriteAll(RowSink sink);

    /// <summary>Writes what has changed since the last cut.</summary>
    public abstract void WriteChanged(OrderedRowSink sink);

    /// <summary>The next cut need not look at it.</summary>
    protected void LeaveChanged()
    {
        if (AddedAt != owner.Epoch)
            return;
        owner.Remove(this);
        AddedAt = 0;
    }
}

/// <summary>See <see cref="LargeValue"/>.</summary>
/// <typeparam name="TPart">What it is made of.</typeparam>
internal abstract class LargeValue<TPart>(LargeValues owner, int slot) : LargeValue(owner, slot)
    where TPart : ValuePart
{
    private List<TPart> _changed = [];
    private List<TPart> _inCut = [];
    private LargeCutRows? _rows;
    private int _next;
    private int _epoch = owner.Epoch;

    public sealed override bool TakeNext()
    {
        Follow();
        while (_next < _inCut.Count)
        {
            TPart part = _inCut[_next++];
            if (part.ChangedAt == 0 || part.ChangedAt == _epoch)
                continue;
            Take(part);
            return true;
        }

        return false;
    }

    public sealed override void Settle(bool stored)
    {
        Follow();
        if (stored)
            Replaces = false;
        else if (DetachedAt == 0)
            TakeBack();
        _inCut.Clear();
        _rows = null;
    }

    public override void MarkStored()
    {
        Replaces = false;
        foreach (TPart part in _changed)
        {
            part.ChangedAt = 0;
            MarkStored(part);
        }

        _changed.Clear();
        LeaveChanged();
    }

    /// <summary>The parts that have changed since the last cut, in no order.</summary>
    protected List<TPart> Changed => _changed;

    /// <summary>Called before a part is changed, or objects in it are handed out.</summary>
    protected void Prepare(TPart part)
    {
        if (part.ChangedAt == Owner.Epoch)
            return;
        Follow();
        BeginChange(part);
    }

    /// <summary>As <see cref="Prepare"/>, of which the caller has done the half.</summary>
    protected void BeginChange(TPart part)
    {
        if (IsWanted(part))
            Take(part);
        if (part.ChangedAt != _epoch)
            Note(part);
    }

    /// <summary>Whether an open cut is still to be given a part.</summary>
    protected bool IsWanted(TPart part) => _rows is not null && part.ChangedAt != 0 && part.ChangedAt != _epoch;

    /// <summary>If a cut has begun since the last call, what had changed is the cut's. Called before anything changes; <see cref="Prepare"/> does.</summary>
    protected void Follow()
    {
        if (_epoch == Owner.Epoch)
            return;
        if (Owner.Cut is { } cut && AddedAt == cut.Epoch && cut.Holds(this))
        {
            EndEpoch();
            (_inCut, _changed) = (_changed, _inCut);
            _next = 0;
            _rows = cut.Begin(this);
        }

        _epoch = Owner.Epoch;
    }

    /// <summary>A part was made out of another one, with which it is part of the same change.</summary>
    protected void AddPiece(TPart part)
    {
        if (part.ChangedAt != 0)
            (part.ChangedAt == _epoch ? _changed : _inCut).Add(part);
    }

    /// <summary>The rows of a part are in the cut.</summary>
    protected void MarkTaken(TPart part)
    {
        part.ChangedAt = 0;
        part.TakenAt = Owner.Cut!.Epoch; // there is one
    }

    /// <summary>Something has changed that is no part.</summary>
    protected void AddToChanged()
    {
        if (AddedAt == _epoch)
            return;
        AddedAt = _epoch;
        Owner.Add(this);
    }

    /// <summary>Writes the rows of what has changed in a part, and marks it as taken, with those that are made out of it.</summary>
    /// <param name="part">The part.</param>
    /// <param name="sink">Takes the rows, in any order among those of other parts.</param>
    protected abstract void TakeRows(TPart part, RowSink sink);

    /// <summary>What was taken of a part has not been stored.</summary>
    protected abstract void TakeBack(TPart part);

    /// <summary>All of a part is in the segments, as it is.</summary>
    protected abstract void MarkStored(TPart part);

    /// <summary>What has changed is about to be that of a cut: notes all parts of it.</summary>
    protected virtual void EndEpoch()
    {
    }

    /// <summary>Gives a part to the open cut, if that wants anything.</summary>
    protected void Take(TPart part)
    {
        if (_rows is null || Owner.Cut is not { IsReleased: false } cut)
            return; // it stays changed, for the next cut
        try
        {
            Owner.Sink.Target = _rows;
            TakeRows(part, Owner.Sink);
        }
        catch (Exception e)
        {
            // The caller may be user code that touches its own healthy state: the cut fails, not the call.
            cut.Fail(e);
        }
    }

    private void Note(TPart part)
    {
        part.ChangedAt = _epoch;
        _changed.Add(part);
        AddToChanged();
    }

    private void TakeBack()
    {
        if (_rows is null || Owner.Cut is not { } cut)
            return;
        foreach (TPart part in _inCut)
        {
            if (part.TakenAt == cut.Epoch)
                TakeBack(part);
            if (part.ChangedAt != _epoch)
                Note(part);
        }

    }
}
