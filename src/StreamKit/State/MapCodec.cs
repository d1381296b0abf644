using System.Runtime.CompilerServices;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>How the entries of a map are written: a map in the MessagePack format. Of a small map that is its only row, unless it would be long; then it comes in parts, as large ones are stored. A large one has rows of its own.</summary>
internal sealed class MapCodec<TKey, TValue>(KeySerializer<TKey> keys, Serializer<TValue> values, bool isTimed) : RowCodec<MapCell<TKey, TValue>>
    where TKey : notnull
{
    private readonly bool _hashesDirectly = keys is DirectKeySerializer<TKey>;

    /// <summary>Whether entries expire.</summary>
    public bool IsTimed => isTimed;

    /// <summary>Whether tags of entries are hashes.</summary>
    public bool TagsAreHashes => KeyHashing.IsNumber<TKey>() && _hashesDirectly;

    public override bool IsOneRow => true;

    /// <summary>The hash by which an entry is found in a large map: a fixed function of its key's canonical bytes, part of the format.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint HashOf(TKey key) => (uint)((KeyHash.IsDirect<TKey>() && _hashesDirectly ? KeyHash.Direct(key) : keys.Hash(key)) >> 32);

    public override void Write(in MapCell<TKey, TValue> cell, RowSink sink)
    {
        if (cell.Large is not null)
            return;
        if (WriteEntries(cell, sink.Scratch, most: LargeCutRows.RowSize))
        {
            AddRow(cell, sink);
            return;
        }

        var places = new List<int>(cell.Count);
        var bucket = new MapBucket(start: 0, depth: 0);
        for (int place = 0; place < cell.End; place++)
        {
            if (!cell.Entries[place].IsFree)
                places.Add(place);
        }

        sink.BeginParts(bucket);
        WriteParts(bucket, WriteEntries(cell, places, cells: null, sink.Scratch), sink);
    }

    public override void WriteStored(in MapCell<TKey, TValue> cell, RowSink sink)
    {
        WriteEntries(cell, sink.Scratch, most: int.MaxValue);
        AddRow(cell, sink);
    }

    /// <summary>Writes entries one after the other.</summary>
    /// <param name="cell">The map.</param>
    /// <param name="places">Which entries.</param>
    /// <param name="cells">Has their hashes; null where they are computed.</param>
    /// <param name="output">Takes the bytes.</param>
    public WrittenEntry[] WriteEntries(MapCell<TKey, TValue> cell, List<int> places, HashCells? cells, PooledBufferWriter output)
    {
        output.Clear();
        var entries = new WrittenEntry[places.Count];
        for (int i = 0; i < entries.Length; i++)
        {
            ref MapCell<TKey, TValue>.Entry entry = ref cell.Entries[places[i]];
            int start = output.WrittenCount;
            WriteEntry(entry.Key, entry.Value, output);
            entries[i] = new WrittenEntry(cells?.HashAt(places[i]) ?? (TagsAreHashes ? entry.Tag : HashOf(entry.Key)), start..output.WrittenCount, cell.Times?.At(places[i]) ?? 0);
        }

        return entries;
    }

    /// <summary>Takes the entries of the row in.</summary>
    /// <param name="cell">The map.</param>
    /// <param name="value">The row.</param>
    /// <param name="now">What has expired by then is left out.</param>
    public void Load(MapCell<TKey, TValue> cell, ReadOnlySpan<byte> value, long now)
    {
        var reader = new MessagePackReader(value);
        long[]? times = isTimed ? TimedParts.Read(ref reader) : null;
        int count = reader.ReadMapHeader();
        cell.EnsureCapacity(count);
        for (int i = 0; i < count; i++)
        {
            TKey key = ReadEntry(ref reader, out TValue entry);
            if (times?[i] <= now)
                continue;
            if (cell.Find(key, out uint tag) >= 0)
                throw new StreamKitException($"A map has the entry '{key}' twice: the checkpoint is damaged.");
            int place = cell.Add(tag, key, entry);
            cell.Times?.Load(place, times![i]); // both are there or not
        }
    }

    public void WriteEntry(TKey key, TValue value, PooledBufferWriter output)
    {
        keys.Write(output, key);
        var writer = new MessagePackWriter(output);
        values.Write(ref writer, value);
        writer.Flush();
    }

    public TKey ReadEntry(ref MessagePackReader reader, out TValue value)
    {
        TKey key = keys.Read(reader.ReadRaw());
        value = values.Read(ref reader);
        return key;
    }

    /// <summary>Writes entries in as many buckets as it takes.</summary>
    private void WriteParts(MapBucket bucket, ReadOnlySpan<WrittenEntry> entries, RowSink sink)
    {
        if (bucket.IsTooLong(entries))
        {
            MapBucket upper = bucket.Divide();
            WriteParts(bucket, WrittenEntry.Of(bucket, entries), sink);
            WriteParts(upper, WrittenEntry.Of(upper, entries), sink);
        }
        else if (entries.Length > 0)
        {
            bucket.AddRow(entries, isTimed, sink);
        }
    }

    /// <summary>Writes entries, the first of which is never too long.</summary>
    /// <returns>Whether all of them fit.</returns>
    private bool WriteEntries(MapCell<TKey, TValue> cell, PooledBufferWriter output, int most)
    {
        output.Clear();
        int count = 0;
        foreach (ref readonly MapCell<TKey, TValue>.Entry entry in cell.Entries.AsSpan(0, cell.End))
        {
            if (entry.IsFree)
                continue;
            WriteEntry(entry.Key, entry.Value, output);
            if (++count > 1 && output.WrittenCount > most)
                return false;
        }

        return true;
    }

    private void AddRow(MapCell<TKey, TValue> cell, RowSink sink)
    {
        sink.Value.Clear();
        var writer = new MessagePackWriter(sink.Value);
        if (isTimed)
            TimedParts.Begin(ref writer, TimesOf(cell));
        writer.WriteMapHeader(cell.Count);
        writer.WriteRaw(sink.Scratch.WrittenSpan);
        writer.Flush();
        sink.Add(default, sink.Value.WrittenSpan);
    }

    private static long[] TimesOf(MapCell<TKey, TValue> cell)
    {
        long[] times = new long[cell.Count];
        int next = 0;
        for (int place = 0; place < cell.End; place++)
        {
            if (!cell.Entries[place].IsFree)
                times[next++] = cell.Times!.At(place); // asked for where entries expire
        }

        return times;
    }
}
