using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// A map of many entries. They are in one dictionary, and by the hash of their keys' canonical bytes in buckets. A bucket is a row: its sub-key is the lowest
/// hash, four bytes, big-endian, its value an array of the bucket's depth and a map of the entries. A bucket that is divided keeps its sub-key, so growing
/// rewrites two rows of all.
/// </summary>
internal sealed class LargeMap<TKey, TValue>(LargeValues owner, int slot, MapCodec<TKey, TValue> codec) : LargeValue<MapBucket<TKey>>(owner, slot)
    where TKey : notnull
{
    private readonly Dictionary<TKey, Entry> _entries = [];
    private readonly MapDirectory<TKey> _directory = new();

    /// <summary>Where buckets began that are no more, although segments may have rows of them.</summary>
    private HashSet<uint>? _removed;

    public int Count => _entries.Count;

    /// <summary>The entries. One may be removed while they are enumerated, and the value of one be replaced.</summary>
    public Dictionary<TKey, Entry>.Enumerator Entries => _entries.GetEnumerator();

    public bool ContainsKey(TKey key) => _entries.ContainsKey(key);

    /// <summary>Gets the value of an entry.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="handsOut">Whether the value may be changed by who gets it.</param>
    /// <param name="value">Receives the value.</param>
    public bool TryGetValue(TKey key, bool handsOut, [MaybeNullWhen(false)] out TValue value)
    {
        if (!_entries.TryGetValue(key, out Entry entry))
        {
            value = default;
            return false;
        }

        if (handsOut)
            HandOut(entry);
        value = entry.Value;
        return true;
    }

    /// <summary>Called before the value of an entry is handed out to somebody who may change it.</summary>
    public void HandOut(in Entry entry) => Prepare(entry.Bucket);

    /// <summary>Adds an entry or replaces its value.</summary>
    /// <returns>Whether it was added.</returns>
    public bool Set(TKey key, TValue value)
    {
        ref Entry entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, key);
        if (!Unsafe.IsNullRef(ref entry))
        {
            Prepare(entry.Bucket);
            entry.Value = value;
            return false;
        }

        uint hash = codec.HashOf(key);
        MapBucket<TKey> bucket = _directory.Find(hash) ?? Create(hash);
        Prepare(bucket);
        _entries.Add(key, new Entry { Value = value, Bucket = bucket, Place = bucket.Add(key) });
        if (CanDivide(bucket))
            Prepare(Divide(bucket));
        return true;
    }

    /// <summary>Takes an entry out.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(TKey key)
    {
        if (!_entries.TryGetValue(key, out Entry entry))
            return false;
        MapBucket<TKey> bucket = entry.Bucket;
        Prepare(bucket);
        bucket.RemoveAt(entry.Place);
        _entries.Remove(key);
        if (entry.Place < bucket.Count)
            PlaceOf(bucket.Keys[entry.Place]).Place = entry.Place;
        if (bucket.Count == 0)
            Remove(bucket);
        return true;
    }

    /// <summary>Takes a row back in.</summary>
    public void Load(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        uint start = BinaryPrimitives.ReadUInt32BigEndian(subKey);
        var reader = new MessagePackReader(value);
        reader.ReadArrayHeader();
        int depth = reader.ReadInt32();
        var bucket = new MapBucket<TKey>(start, depth) { MayBeStored = true };
        if (depth is < 0 or > MapDirectory<TKey>.MaxDepth || (start & ((1L << (32 - depth)) - 1)) != 0 || !_directory.TryAdd(bucket, divided: null))
            throw new StreamKitException($"A map has a bucket of {depth} bits from {start:x8} on, which does not fit among the others: the checkpoint is damaged.");
        for (int count = reader.ReadMapHeader(); count > 0; count--)
        {
            TKey key = codec.ReadEntry(ref reader, out TValue entry);
            _entries[key] = new Entry { Value = entry, Bucket = bucket, Place = bucket.Add(key) };
        }

        Prepare(bucket);
    }

    public override void WriteAll(RowSink sink)
    {
        for (MapBucket<TKey>? bucket = _directory.FindFrom(0); bucket is not null; bucket = _directory.FindFrom(bucket.End))
            Write(bucket, sink, mayDivide: false);
    }

    public override void WriteChanged(OrderedRowSink sink)
    {
        var rows = new LargeCutRows { Replaces = Replaces, Removed = _removed };
        Owner.Sink.Target = rows;
        foreach (MapBucket<TKey> bucket in Changed)
        {
            if (!bucket.IsGone)
                Write(bucket, Owner.Sink, mayDivide: false);
        }

        rows.Write(sink);
    }

    public override void MarkStored()
    {
        base.MarkStored();
        _removed = null;
    }

    protected override void TakeRows(MapBucket<TKey> part, RowSink sink, bool isIdle)
    {
        part.MayBeStored = true;
        Write(part, sink, mayDivide: isIdle);
    }

    protected override void TakeBack(MapBucket<TKey> part)
    {
    }

    protected override void MarkStored(MapBucket<TKey> part) => part.MayBeStored = true;

    protected override void BeginCut(LargeCutRows rows) => (rows.Removed, _removed) = (_removed, null);

    protected override void TakeBack(LargeCutRows rows)
    {
        foreach (uint start in rows.Removed ?? [])
        {
            if (_directory.Find(start) is { } bucket && bucket.Start == start)
                bucket.MayBeStored = true;
            else
                (_removed ??= []).Add(start);
            AddToChanged();
        }
    }

    private static bool CanDivide(MapBucket<TKey> bucket) => bucket.ShouldDivide && bucket.Depth < MapDirectory<TKey>.MaxDepth;

    private ref Entry PlaceOf(TKey key) => ref CollectionsMarshal.GetValueRefOrNullRef(_entries, key);

    private MapBucket<TKey> Create(uint hash)
    {
        Follow();
        MapBucket<TKey> bucket = _directory.Create(hash);
        TakeOver(bucket);
        return bucket;
    }

    private MapBucket<TKey> Divide(MapBucket<TKey> bucket)
    {
        MapBucket<TKey> upper = bucket.Divide(out ReadOnlySpan<TKey> keys);
        bool added = _directory.TryAdd(upper, bucket);
        Debug.Assert(added, "the hashes of a divided bucket belong to another one");
        TakeOver(upper);
        foreach (TKey key in keys)
        {
            ref Entry entry = ref PlaceOf(key);
            entry.Bucket = codec.HashOf(key) < upper.Start ? bucket : upper;
            entry.Place = entry.Bucket.Add(key);
        }

        return upper;
    }

    private void Remove(MapBucket<TKey> bucket)
    {
        bucket.IsGone = true;
        _directory.Remove(bucket);
        if (bucket.MayBeStored)
            (_removed ??= []).Add(bucket.Start);
    }

    /// <summary>A new bucket's row replaces one that segments may have at its place.</summary>
    private void TakeOver(MapBucket<TKey> bucket) => bucket.MayBeStored = _removed?.Remove(bucket.Start) ?? false;

    private void Write(MapBucket<TKey> bucket, RowSink sink, bool mayDivide)
    {
        sink.Value.Clear();
        var writer = new MessagePackWriter(sink.Value);
        writer.WriteArrayHeader(2);
        writer.Write(bucket.Depth);
        writer.WriteMapHeader(bucket.Count);
        writer.Flush();
        foreach (TKey key in bucket.Keys)
            codec.WriteEntry(key, PlaceOf(key).Value, sink.Value);
        bucket.RowSize = sink.Value.WrittenCount;
        if (mayDivide && CanDivide(bucket))
        {
            MapBucket<TKey> upper = Divide(bucket);
            upper.MayBeStored = true;
            AddToCut(upper);
            Write(bucket, sink, mayDivide);
            Write(upper, sink, mayDivide);
            return;
        }

        Span<byte> subKey = stackalloc byte[LargeCutRows.SubKeySize];
        LargeCutRows.WriteSubKey(subKey, bucket.Start);
        sink.Add(subKey, sink.Value.WrittenSpan);
    }

    /// <summary>A value, and where its key is.</summary>
    internal struct Entry
    {
        public TValue Value;
        public MapBucket<TKey> Bucket;
        public int Place;
    }
}
