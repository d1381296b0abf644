namespace StreamKit.State;

/// <summary>
/// One table's part in a cut: its state as it was at the barrier. <see cref="Advance"/> is called on the owner's thread until it returns
/// true; then the rows are written on any one thread; <see cref="Release"/> comes last, whatever happened before.
/// </summary>
internal abstract class CutTable
{
    /// <summary>The table's name and id; given by <see cref="KeyedState.Cut"/>.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Stands in the rows.</summary>
    public int Id { get; private set; }

    /// <summary>Why the cut cannot be written; null while it can.</summary>
    public virtual Exception? Failure => null;

    /// <summary>Serializes what only the owner's thread may read, between batches.</summary>
    /// <param name="slots">How many slots it may serialize; receives how many it may still.</param>
    /// <returns>True when nothing is left for the owner's thread.</returns>
    public virtual bool Advance(ref int slots) => true;

    /// <summary>Writes the rows that belong to a key group but to no key. They stand before those of keys.</summary>
    public virtual void WriteKeyGroup(int keyGroup, RowSink sink)
    {
    }

    /// <summary>Writes the rows of a slot, if it had any.</summary>
    public abstract void WriteSlot(int slot, RowSink sink);

    /// <summary>Says that the cut is read no more. From any thread, once or more.</summary>
    public abstract void Release();

    internal void Describe(StateTable table)
    {
        Name = table.Name;
        Id = table.Id;
    }
}
