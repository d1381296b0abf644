namespace StreamKit.StateProcessing;

/// <summary>An entry with what orders it: the entries of one state in two checkpoints come in the same order, and can be compared in one pass.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Key">The canonical bytes of its key.</param>
/// <param name="SubKey">Which row of the key it is, where each is an entry of its own; else empty.</param>
internal sealed record ComparableEntry(StoredEntry Entry, byte[] Key, byte[] SubKey)
{
    public int CompareTo(ComparableEntry other)
    {
        int order = Entry.KeyGroup.CompareTo(other.Entry.KeyGroup);
        order = order == 0 ? Key.AsSpan().SequenceCompareTo(other.Key) : order;
        return order == 0 ? SubKey.AsSpan().SequenceCompareTo(other.SubKey) : order;
    }
}
