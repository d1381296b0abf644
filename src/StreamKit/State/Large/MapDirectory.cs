namespace StreamKit.State;

/// <summary>
/// Which bucket of a large map the entries with a hash are in: extendible hashing (Fagin, Nievergelt, Pippenger, Strong 1979). A bucket that is divided leaves all
/// others as they are, and the directory doubles now and then, one reference for each bucket.
/// </summary>
internal sealed class MapDirectory<TKey>
    where TKey : notnull
{
    /// <summary>Where hashes of a billion entries are told apart. Buckets that deep are not divided.</summary>
    public const int MaxDepth = 24;

    private MapBucket<TKey>?[] _places = new MapBucket<TKey>?[1];
    private int _depth;

    /// <summary>The bucket of a hash; null where there is none.</summary>
    public MapBucket<TKey>? Find(uint hash) => _places[PlaceOf(hash)];

    /// <summary>The bucket of a hash, or the next one; null behind the last.</summary>
    public MapBucket<TKey>? FindFrom(long hash)
    {
        if (hash > uint.MaxValue)
            return null;
        for (int place = PlaceOf((uint)hash); place < _places.Length; place++)
        {
            if (_places[place] is { } bucket)
                return bucket;
        }

        return null;
    }

    /// <summary>Makes a bucket for a hash that has none: the largest that leaves the others as they are.</summary>
    public MapBucket<TKey> Create(uint hash)
    {
        int depth = _depth;
        int place = PlaceOf(hash);
        int width = 1;
        while (depth > 0 && IsFree(place & ~((width * 2) - 1), width * 2))
        {
            depth--;
            width *= 2;
            place &= ~(width - 1);
        }

        uint start = depth == 0 ? 0 : hash & (uint.MaxValue << (32 - depth));
        var bucket = new MapBucket<TKey>(start, depth);
        _places.AsSpan(place, width).Fill(bucket);
        return bucket;
    }

    /// <summary>Puts a bucket in that lies within one that was just divided, or where there is none.</summary>
    /// <returns>False when its hashes belong to another bucket.</returns>
    public bool TryAdd(MapBucket<TKey> bucket, MapBucket<TKey>? divided)
    {
        while (_depth < bucket.Depth)
            Double();
        Span<MapBucket<TKey>?> places = PlacesOf(bucket);
        foreach (MapBucket<TKey>? other in places)
        {
            if (other != divided)
                return false;
        }

        places.Fill(bucket);
        return true;
    }

    public void Remove(MapBucket<TKey> bucket) => PlacesOf(bucket).Clear();

    private int PlaceOf(uint hash) => (int)((ulong)hash >> (32 - _depth));

    private Span<MapBucket<TKey>?> PlacesOf(MapBucket<TKey> bucket) => _places.AsSpan(PlaceOf(bucket.Start), 1 << (_depth - bucket.Depth));

    private bool IsFree(int place, int width) => !_places.AsSpan(place, width).ContainsAnyExcept((MapBucket<TKey>?)null);

    private void Double()
    {
        var places = new MapBucket<TKey>?[_places.Length * 2];
        for (int i = 0; i < places.Length; i++)
            places[i] = _places[i / 2];
        _places = places;
        _depth++;
    }
}
