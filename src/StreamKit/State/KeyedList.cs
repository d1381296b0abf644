namespace StreamKit.State;

/// <summary>
/// A list of one key. While it is small it is stored as a whole, and its items are here; a <see cref="LargeList{T}"/> has those of a larger one. Items are only
/// ever appended behind <see cref="Count"/>, and an array that a cut may still read is copied before an item in it is replaced: so a copy of this struct, such
/// as the one in a cut, keeps meaning the same items.
/// </summary>
internal struct KeyedList<T>
{
    /// <summary>From here on a list is stored in parts. As one row, that many items of some bytes each take about a kilobyte.</summary>
    public const int SmallItems = 64;

    private const int FirstCapacity = 4;

    public T[] Items;

    /// <summary>Set when there were more than <see cref="SmallItems"/>.</summary>
    public LargeList<T>? Large;

    /// <summary>The number of items here; none of a large one.</summary>
    public int SmallCount;

    /// <summary>The epoch of the column in which an item was replaced last; in an older one the array may be in a cut.</summary>
    public int Epoch;

    public readonly int Count => Large?.Count ?? SmallCount;

    public void Append(T item)
    {
        if (Items is null || SmallCount == Items.Length)
            Array.Resize(ref Items!, SmallCount == 0 ? FirstCapacity : SmallCount * 2);
        Items[SmallCount++] = item;
    }
}
