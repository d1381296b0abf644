namespace StreamKit.State.Faster;

/// <content>
/// How large the index is. FASTER doubles it by reading keys, but only those in memory: a row on disk gets an entry in either half, and nobody takes the wrong one away. So
/// the index grows with the keys while all rows are in memory, and to its final size before the first one goes to disk. Keys beyond what it was made for cost nine bytes
/// each all the same, in buckets that hang behind one another, and time: a look at each of them.
/// </content>
internal sealed partial class LocalStore
{
    /// <summary>How many keys the store is made for when the first rows go to disk: so many times those it has.</summary>
    private const int ExpectedGrowth = 16;

    private long _keys;
    private bool _isIndexFinal;

    /// <summary>The size of the index now.</summary>
    public long IndexBytes { get; private set; }

    /// <summary>
    /// Lets the index grow with the keys, as far as the memory budget goes. Called between cuts, since it moves the whole index. True if it grew.
    /// </summary>
    public bool GrowIndex()
    {
        ThrowIfUnusable();
        if (_isIndexFinal)
            return false;
        Leave();
        // Half of the log's memory: what is written until the next call must not reach the disk.
        var isLastTime = _log.TailAddress > _sizes.LogBytes / 2;
        if (!isLastTime && (IndexBytes >= _sizes.MaximumIndexBytes || (_keys + _rowsSinceCount) * LocalStoreSizes.IndexBytesPerKey <= IndexBytes))
            return false;

        // Not every row is a new key: counting reads the whole index, and is done only when it may have become too small.
        (_keys, _rowsSinceCount) = (_store.EntryCount, 0);
        _isIndexFinal = isLastTime;
        var wanted = Math.Min(_keys * LocalStoreSizes.IndexBytesPerKey * (isLastTime ? ExpectedGrowth : 1), _sizes.MaximumIndexBytes);
        var grew = false;
        while (IndexBytes < wanted && _store.GrowIndex())
        {
            IndexBytes *= 2;
            grew = true;
        }

        return grew;
    }
}
