namespace StreamKit.State;

/// <summary>
/// What a table holds for slots, and how it leaves memory and comes back. Called on the owner's thread; none of it while a cut is open of which pages are still to be taken.
/// </summary>
internal interface ISlotCells
{
    /// <summary>The memory that the place of one slot takes, in bytes.</summary>
    int PlaceBytes { get; }

    /// <summary>Whether what a place holds may refer to objects elsewhere in memory.</summary>
    bool HoldsObjects { get; }

    /// <summary>Writes all rows of a slot; nothing for one without.</summary>
    void WriteAll(int slot, RowSink sink);

    /// <summary>Whether a slot has changed since the last cut, or since it was said to be stored.</summary>
    bool IsChanged(int slot);

    /// <summary>Writes what has become of a slot since the last cut, if it has changed.</summary>
    void WriteChanged(int slot, OrderedRowSink sink);

    /// <summary>Forgets a slot without a trace: its rows are in the tiers below.</summary>
    void Evict(int slot);

    /// <summary>What has been loaded of a slot is in the tiers below, as it is.</summary>
    void MarkStored(int slot);
}
