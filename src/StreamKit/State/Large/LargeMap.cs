using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// In which rows the entries of a large map are: by the hash of their keys' canonical bytes in buckets. A bucket is a row: its sub-key is the lowest hash, four
/// bytes, big-endian, its value an array of the bucket's depth and a map of the entries. A bucket that is divided keeps its sub-key, so growing rewrites two rows of all.
/// </summary>
/// <remarks>Buckets are divided when they are written, not while entries are added: until then they may have any number.</remarks>
internal sealed class LargeMap<TKey, TValue> : LargeValue<MapBucket>
    where TKey : notnull
{
    /// <summary>The hashes of so many keys are soon computed, at the first cut: until then a map costs no more than a small one.</summary>
    private const int MostUnlinked = 4096;

    private readonly MapCell<TKey, TValue> _cell;
    private readonly MapCodec<TKey, TValue> _codec;
    private readonly MapBuckets _buckets = new();
    private readonly bool _tagsAreHashes;

    /// <summary>The entries by their hashes, where those are not their tags. Null as long as few entries have been there since the last cut: then all are in one bucket.</summary>
    private HashCells? _cells;

    private int _capacity;

    /// <summary>Takes charge of a map.</summary>
    /// <param name="owner">Knows the cut.</param>
    /// <param name="slot">The slot of its key.</param>
    /// <param name="cell">The map.</param>
    /// <param name="codec">How entries are written.</param>
    /// <param name="stored">The first of the buckets that it is stored in, as it is; null where it is in no rows of buckets yet.</param>
    public LargeMap(LargeValues owner, int slot, MapCell<TKey, TValue> cell, MapCodec<TKey, TValue> codec, MapBucket? stored = null)
        : base(owner, slot)
    {
        _cell = cell;
        _codec = codec;
        _tagsAreHashes = codec.TagsAreHashes;
        if (stored is not null)
            _buckets.Take(stored);
        else if (cell.Count > 0)
            BeginChange(0); // all entries are in one bucket
    }

    /// <summary>Called before the value at a place is replaced, or handed out to somebody who may change it.</summary>
    /// <param name="place">The place.</param>
    /// <param name="tag">The entry's tag.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(int place, uint tag)
    {
        if (_tagsAreHashes)
            Touch(tag);
        else
            TouchByCell(place);
    }

    /// <summary>Adds an entry whose key has none.</summary>
    /// <param name="tag">What <see cref="MapCell{TKey,TValue}.Find(TKey, out uint)"/> has given.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <returns>Its place.</returns>
    public int Add(uint tag, TKey key, TValue value)
    {
        if (_tagsAreHashes)
        {
            Touch(tag);
            return Add(tag, key, value, tag);
        }

        if (_cells is null && (AddedAt != Owner.Epoch || _cell.Count >= MostUnlinked))
            Link();
        if (_cells is null)
            return _cell.Add(tag, key, value);
        uint hash = _codec.HashOf(key);
        Touch(hash);
        return Add(tag, key, value, hash);
    }

    /// <summary>Takes an entry out.</summary>
    public void RemoveAt(int place)
    {
        Touch(place, _cell.Entries[place].Tag);
        _cells?.Remove(place);
        _cell.RemoveAt(place);
    }

    /// <summary>Takes a row back in.</summary>
    /// <param name="subKey">Where its bucket begins.</param>
    /// <param name="value">The row.</param>
    /// <param name="now">What has expired by then is left out.</param>
    public void Load(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value, long now)
    {
        uint start = BinaryPrimitives.ReadUInt32BigEndian(subKey);
        var reader = new MessagePackReader(value);
        long[]? times = _codec.IsTimed ? TimedParts.Read(ref reader) : null;
        reader.ReadArrayHeader();
        int depth = reader.ReadInt32();
        var bucket = new MapBucket(start, depth) { MayBeStored = true };
        if (depth is < 0 or > MapBucket.MaxDepth || (start & ((1L << (32 - depth)) - 1)) != 0 || !_buckets.TryAppend(bucket))
            throw new StreamKitException($"A map has a bucket of {depth} bits from {start:x8} on, which does not fit among the others: the checkpoint is damaged.");
        Link();
        Prepare(bucket);
        int count = reader.ReadMapHeader();
        for (int i = 0; i < count; i++)
        {
            TKey key = _codec.ReadEntry(ref reader, out TValue entry);
            if (times?[i] <= now)
                continue;
            if (_cell.Find(key, out uint tag) >= 0)
                throw new StreamKitException($"A map has the entry '{key}' twice: the checkpoint is damaged.");
            int place = Add(tag, key, entry, _codec.HashOf(key));
            _cell.Times?.Load(place, times![i]); // both are there or not
        }
    }

    public override void WriteAll(RowSink sink)
    {
        Link();
        for (MapBucket? bucket = _buckets.First, next; bucket is not null; bucket = next)
        {
            if (bucket.ChangedAt != 0)
                DivideByCount(bucket);
            next = bucket.Next;
            Write(bucket, sink, isTaken: false);
        }
    }

    public override void WriteChanged(OrderedRowSink sink)
    {
        Link();
        var rows = new LargeCutRows { Replaces = Replaces };
        Owner.Sink.Target = rows;
        for (int i = 0; i < Changed.Count; i++) // there may be more and more
            DivideByCount(Changed[i]);
        int count = Changed.Count; // what is divided further is written with what it was
        for (int i = 0; i < count; i++)
            Write(Changed[i], Owner.Sink, isTaken: false);
        rows.Write(sink);
    }

    protected override void TakeRows(MapBucket part, RowSink sink)
    {
        DivideByCount(part);
        Write(part, sink, isTaken: true);
    }

    protected override void TakeBack(MapBucket part)
    {
    }

    protected override void MarkStored(MapBucket part) => _buckets.Mark(part, epoch: 0);

    protected override void EndEpoch() => Link();

    private uint HashAt(int place) => _tagsAreHashes ? _cell.Entries[place].Tag : _cells!.HashAt(place); // asked for when there are some

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Touch(uint hash)
    {
        if (_buckets.MarkOf(hash) != Owner.Epoch)
            BeginChange(hash);
    }

    private void TouchByCell(int place)
    {
        if (_cells is null && AddedAt != Owner.Epoch)
            Link();
        if (_cells is { } cells)
            Touch(cells.HashAt(place));
    }

    private int Add(uint tag, TKey key, TValue value, uint hash)
    {
        int place = _cell.Add(tag, key, value);
        if (place >= _capacity)
            Grow(place);
        _cells?.Add(place, hash);
        return place;
    }

    /// <summary>From now on each entry is found by its hash.</summary>
    private void Link()
    {
        if (_tagsAreHashes || _cells is not null)
            return;
        _cells = new HashCells();
        Grow(end: 0);
        for (int place = 0; place < _cell.End; place++)
        {
            if (!_cell.Entries[place].IsFree)
                _cells.Add(place, _codec.HashOf(_cell.Entries[place].Key));
        }
    }

    private void Grow(int end)
    {
        _capacity = _cell.Capacity;
        _cells?.Grow(_capacity, end);
        _buckets.Grow(_capacity);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BeginChange(uint hash)
    {
        Follow();
        MapBucket bucket = _buckets.Find(hash);
        if (IsWanted(bucket))
        {
            while (IsOverfull(bucket))
            {
                MapBucket upper = Divide(bucket);
                bucket = upper.Contains(hash) ? upper : bucket;
            }

            Take(bucket);
            bucket = _buckets.Find(hash); // it may have been divided
        }

        Prepare(bucket);
        _buckets.Mark(bucket, Owner.Epoch);
    }

    /// <summary>Whether a bucket is likely to have too many entries for a row: hashes are spread evenly.</summary>
    private bool IsOverfull(MapBucket bucket) => ((long)_cell.Count >> bucket.Depth) > MapBucket.MaxEntries && bucket.Depth < MapBucket.MaxDepth;

    /// <summary>Divides a bucket without looking at its entries; those that come out of it are divided in their turn.</summary>
    private void DivideByCount(MapBucket bucket)
    {
        while (IsOverfull(bucket))
            Divide(bucket);
    }

    /// <summary>Both sides are part of the same change.</summary>
    private MapBucket Divide(MapBucket bucket)
    {
        MapBucket upper = _buckets.Divide(bucket);
        AddPiece(upper);
        return upper;
    }

    /// <summary>Writes a bucket, one that has changed as several rows if it is too long for one.</summary>
    private void Write(MapBucket bucket, RowSink sink, bool isTaken)
    {
        List<int> places = Owner.Places;
        places.Clear();
        if (_tagsAreHashes)
            _cell.Collect(bucket, places);
        else
            _cells!.Collect(bucket, places); // there before anything is written
        Write(bucket, _codec.WriteEntries(_cell, places, _cells, sink.Scratch), sink, isTaken);
    }

    private void Write(MapBucket bucket, ReadOnlySpan<WrittenEntry> entries, RowSink sink, bool isTaken)
    {
        if (bucket.ChangedAt != 0 && bucket.IsTooLong(entries))
        {
            MapBucket upper = Divide(bucket);
            WrittenEntry[] lowerEntries = WrittenEntry.Of(bucket, entries);
            WrittenEntry[] upperEntries = WrittenEntry.Of(upper, entries);
            Write(bucket, lowerEntries, sink, isTaken);
            Write(upper, upperEntries, sink, isTaken);
            return;
        }

        if (entries.Length > 0)
            bucket.AddRow(entries, _codec.IsTimed, sink);
        else if (bucket.MayBeStored)
            (sink as LargeCutSink)?.AddTombstone(bucket.Start); // where all rows are written, there is none
        if (isTaken)
            MarkTaken(bucket);
    }
}
