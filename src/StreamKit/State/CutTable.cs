namespace StreamKit.State;

/// <summary>
/// One table's part in a cut: what had changed at the barrier, as it was then. <see cref="Advance"/> is called on the owner's thread until it returns
/// true; then the rows are written on any one thread; then comes <see cref="Release"/>, whatever happened before; and last, on the owner's thread again, <see cref="Settle"/>.
/// </summary>
internal abstract class CutTable
{
    /// <summary>The table's name and id; given by <see cref="KeyedState.Cut"/>.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Stands in the rows.</summary>
    public int Id { get; private set; }

    /// <summary>Why the cut cannot be written; null while it can.</summary>
    public virtual Exception? Failure => null;

    /// <summary>Tells the rows of the table that mean nothing any more since the barrier; null where all do. Holds nothing of the cut.</summary>
    public virtual IsDeadRow? DeadRows => null;

    /// <summary>Serializes what only the owner's thread may read, between batches.</summary>
    /// <param name="slots">How many slots it may serialize; receives how many it may still.</param>
    /// <returns>True when nothing is left for the owner's thread.</returns>
    public virtual bool Advance(ref int slots) => true;

    /// <summary>Adds the slots that have changed.</summary>
    public abstract void CollectSlots(SlotSet into);

    /// <summary>Writes what has become of a slot, if it has changed.</summary>
    public abstract void WriteSlot(int slot, OrderedRowSink sink);

    /// <summary>Says that the cut is read no more. From any thread, once or more.</summary>
    public abstract void Release();

    /// <summary>Tells the table how it ended, page by page. Meanwhile the owner works on, but no other cut begins.</summary>
    /// <param name="stored">Whether the rows are in a segment; otherwise what had changed goes into the next cut.</param>
    /// <param name="pages">How many pages it may tell of; receives how many it may still.</param>
    /// <returns>True when the table knows all; further calls then do nothing.</returns>
    public abstract bool Settle(bool stored, ref int pages);

    internal void Describe(StateTable table)
    {
        Name = table.Name;
        Id = table.Id;
    }
}
