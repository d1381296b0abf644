using System.Runtime.CompilerServices;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>How the entries of a map are written: a map in the MessagePack format. Of a small map that is its only row; a large one has rows of its own.</summary>
internal sealed class MapCodec<TKey, TValue>(KeySerializer<TKey> keys, Serializer<TValue> values) : RowCodec<MapCell<TKey, TValue>>
    where TKey : notnull
{
    private readonly bool _hashesDirectly = keys is DirectKeySerializer<TKey>;

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
        sink.Value.Clear();
        var header = new MessagePackWriter(sink.Value);
        header.WriteMapHeader(cell.Count);
        header.Flush();
        foreach (ref readonly MapCell<TKey, TValue>.Entry entry in cell.Entries.AsSpan(0, cell.End))
        {
            if (!entry.IsFree)
                WriteEntry(entry.Key, entry.Value, sink.Value);
        }

        sink.Add(default, sink.Value.WrittenSpan);
    }

    /// <summary>Takes the entries of the row in.</summary>
    public void Load(MapCell<TKey, TValue> cell, ReadOnlySpan<byte> value)
    {
        var reader = new MessagePackReader(value);
        int count = reader.ReadMapHeader();
        cell.EnsureCapacity(count);
        for (; count > 0; count--)
        {
            TKey key = ReadEntry(ref reader, out TValue entry);
            if (cell.Find(key, out uint tag) >= 0)
                throw new StreamKitException($"A map has the entry '{key}' twice: the checkpoint is damaged.");
            cell.Add(tag, key, entry);
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
}
