using System.Runtime.CompilerServices;

namespace StreamKit.State;

/// <content>How values leave memory and come back.</content>
internal sealed partial class Column<T>
{
    public int PlaceBytes => Unsafe.SizeOf<T>() + 1; // and four bits

    public bool HoldsObjects => RuntimeHelpers.IsReferenceOrContainsReferences<T>();

    public void WriteAll(int slot, RowSink sink)
    {
        if (!Has(slot))
            return;
        if (IsChanged(slot))
            _codec.Write(in Place(slot), sink);
        else
            _codec.WriteStored(in Place(slot), sink);
    }

    public void WriteChanged(int slot, OrderedRowSink sink)
    {
        if (!IsChanged(slot))
            return;
        if (!Has(slot))
        {
            sink.AddTombstone();
            return;
        }

        if (!_codec.IsOneRow && IsStored(slot))
            sink.BeginReplacement();
        _codec.Write(in Place(slot), sink);
        sink.EndReplacement();
    }

    public void Evict(int slot)
    {
        Clear(slot);
        Mark(slot, isStored: false);
    }

    public void MarkStored(int slot)
    {
        if (Has(slot))
            Mark(slot, isStored: true);
    }

    /// <summary>Whether a slot has changed since the last cut, all of whose pages have been taken.</summary>
    public bool IsChanged(int slot)
    {
        int index = slot >>> PageBits;
        return index < _pages.Length && (_pages[index].Bits[ChangedAt + Page.Word(slot)] & (1UL << slot)) != 0;
    }

    /// <summary>Not changed, and so not ready to be written in place; and stored or not.</summary>
    private void Mark(int slot, bool isStored)
    {
        int index = slot >>> PageBits;
        if (index >= _pages.Length || _pages[index].Values is null)
            return;
        ulong[] bits = _pages[index].Bits;
        int word = Page.Word(slot);
        ulong bit = 1UL << slot;
        bits[word] &= ~bit;
        bits[ChangedAt + word] &= ~bit;
        bits[StoredAt + word] = isStored ? bits[StoredAt + word] | bit : bits[StoredAt + word] & ~bit;
    }
}
