namespace StreamKit.State;

/// <summary>
/// The map of one key. Its stamp says in which epoch of the column it was last written; with an older stamp it may be in a cut, and is
/// copied before it is written again.
/// </summary>
internal sealed class MapCell<TKey, TValue> : Dictionary<TKey, TValue>
    where TKey : notnull
{
    public MapCell(int epoch) => Epoch = epoch;

    private MapCell(MapCell<TKey, TValue> other, int epoch)
        : base(other) => Epoch = epoch;

    public int Epoch { get; set; }

    public MapCell<TKey, TValue> Copy(int epoch) => new(this, epoch);
}
