namespace StreamKit.State;

/// <summary>How lists or maps leave memory and come back, those included that are stored in parts.</summary>
/// <param name="column">Holds the cells.</param>
/// <param name="largeOf">The value in parts of a cell that has one.</param>
internal sealed class CellsInParts<T>(Column<T> column, Func<T, LargeValue?> largeOf) : ISlotCells
{
    public int PlaceBytes => column.PlaceBytes;

    public bool HoldsObjects => true;

    public void WriteAll(int slot, RowSink sink)
    {
        if (LargeOf(slot) is { } large)
            large.WriteAll(sink);
        else
            column.WriteAll(slot, sink);
    }

    public bool IsChanged(int slot) => column.IsChanged(slot);

    public void WriteChanged(int slot, OrderedRowSink sink)
    {
        if (LargeOf(slot) is not { } large)
            column.WriteChanged(slot, sink);
        else if (column.IsChanged(slot))
            large.WriteChanged(sink);
    }

    public void Evict(int slot)
    {
        LargeOf(slot)?.Detach();
        column.Evict(slot);
    }

    public void MarkStored(int slot)
    {
        column.MarkStored(slot);
        LargeOf(slot)?.MarkStored();
    }

    private LargeValue? LargeOf(int slot) => column.Has(slot) ? largeOf(column.Place(slot)) : null;
}
