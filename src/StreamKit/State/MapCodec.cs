using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// A map as rows, each of them a map in the MessagePack format: one row while it is small, else hash buckets of about
/// <see cref="BucketSize"/> bytes. Reading takes whatever rows there are and joins them, so how they were split does not matter.
/// </summary>
/// <remarks>
/// The sub-key of the only row is empty. That of a bucket is five bytes: how many bits of the hash choose the bucket, and the bucket's number, big-endian.
/// The hash is that of the key's canonical bytes, so a changed entry changes the same bucket in every checkpoint while the map keeps its size.
/// </remarks>
internal sealed class MapCodec<TKey, TValue>(KeySerializer<TKey> keys, Serializer<TValue> values) : RowCodec<MapCell<TKey, TValue>>
    where TKey : notnull
{
    private const int BucketSize = 4096;

    public override void Write(in MapCell<TKey, TValue> cell, RowSink sink)
    {
        Entry[] entries = ArrayPool<Entry>.Shared.Rent(cell.Count);
        try
        {
            WriteEntries(cell, entries, sink.Scratch);
            int bits = BitsFor(sink.Scratch.WrittenCount);
            Span<Entry> used = entries.AsSpan(0, cell.Count);
            if (bits == 0)
            {
                Add(used, default, sink);
                return;
            }

            foreach (ref Entry entry in used)
                entry.Bucket = (int)(entry.Hash >> (64 - bits));
            used.Sort();
            WriteBuckets(used, bits, sink);
        }
        finally
        {
            ArrayPool<Entry>.Shared.Return(entries);
        }
    }

    /// <summary>Takes the entries of a row in.</summary>
    public void Load(MapCell<TKey, TValue> cell, ReadOnlySpan<byte> value)
    {
        var reader = new MessagePackReader(value);
        int count = reader.ReadMapHeader();
        for (; count > 0; count--)
        {
            TKey key = keys.Read(reader.ReadRaw());
            cell[key] = values.Read(ref reader);
        }
    }

    private static int BitsFor(int bytes) =>
        bytes <= BucketSize ? 0 : BitOperations.Log2((uint)((bytes - 1) / BucketSize)) + 1;

    private static void WriteBuckets(Span<Entry> sorted, int bits, RowSink sink)
    {
        Span<byte> subKey = stackalloc byte[1 + sizeof(int)];
        subKey[0] = (byte)bits;
        while (!sorted.IsEmpty)
        {
            int bucket = sorted[0].Bucket;
            int count = 1;
            while (count < sorted.Length && sorted[count].Bucket == bucket)
                count++;
            BinaryPrimitives.WriteInt32BigEndian(subKey[1..], bucket);
            Add(sorted[..count], subKey, sink);
            sorted = sorted[count..];
        }
    }

    private static void Add(ReadOnlySpan<Entry> entries, ReadOnlySpan<byte> subKey, RowSink sink)
    {
        sink.Value.Clear();
        var writer = new MessagePackWriter(sink.Value);
        writer.WriteMapHeader(entries.Length);
        foreach (Entry entry in entries)
            writer.WriteRaw(sink.Scratch.WrittenSpan.Slice(entry.Offset, entry.Length));
        writer.Flush();
        sink.Add(subKey, sink.Value.WrittenSpan);
    }

    private void WriteEntries(MapCell<TKey, TValue> cell, Entry[] entries, PooledBufferWriter output)
    {
        output.Clear();
        int i = 0;
        foreach ((TKey key, TValue value) in cell)
        {
            int offset = output.WrittenCount;
            keys.Write(output, key);
            ulong hash = KeyHash.OfCanonical(output.WrittenSpan[offset..]);
            var writer = new MessagePackWriter(output);
            values.Write(ref writer, value);
            writer.Flush();
            entries[i] = new Entry { Number = i, Hash = hash, Offset = offset, Length = output.WrittenCount - offset };
            i++;
        }
    }

    // Where an entry stands in the scratch buffer.
    private struct Entry : IComparable<Entry>
    {
        public ulong Hash;
        public int Bucket;
        public int Number;
        public int Offset;
        public int Length;

        public readonly int CompareTo(Entry other) => Bucket != other.Bucket ? Bucket.CompareTo(other.Bucket) : Number.CompareTo(other.Number);
    }
}
