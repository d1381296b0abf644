namespace StreamKit.State;

/// <summary>
/// The map of one key. While it is small it is stored as a whole, and its entries are here; a <see cref="LargeMap{TKey,TValue}"/> has those of a larger one.
/// Its stamp says in which epoch of the column it was last written; with an older stamp it may be in a cut, and is copied before it is written again.
/// </summary>
internal sealed class MapCell<TKey, TValue> : Dictionary<TKey, TValue>
    where TKey : notnull
{
    /// <summary>With more entries a map is stored in parts. As many as a dictionary takes before it is twice as large.</summary>
    public const int SmallEntries = 89;

    public MapCell(int epoch) => Epoch = epoch;

    public MapCell(LargeMap<TKey, TValue> large) => Large = large;

    private MapCell(MapCell<TKey, TValue> other, int epoch)
        : base(other) => Epoch = epoch;

    public int Epoch { get; set; }

    /// <summary>Set when there are more than <see cref="SmallEntries"/>; then there are none here.</summary>
    public LargeMap<TKey, TValue>? Large { get; }

    public MapCell<TKey, TValue> Copy(int epoch) => new(this, epoch);
}
