using System.Buffers.Binary;

namespace StreamKit.State;

/// <summary>
/// A list as rows of about <see cref="ChunkSize"/> bytes. The sub-key is the chunk's number, four bytes, big-endian. A chunk is an array of
/// items; the first one is an array of two: the count of all items, and the array of its own.
/// </summary>
internal sealed class ListCodec<T>(Serializer<T> serializer) : RowCodec<ListCell<T>>
{
    /// <summary>Small enough that appending to a long list rewrites little, large enough that the row's own bytes do not matter.</summary>
    private const int ChunkSize = 4096;

    public override void Write(in ListCell<T> cell, RowSink sink)
    {
        int chunk = 0;
        for (int next = 0; next < cell.Count; chunk++)
            next = WriteChunk(cell, next, chunk, sink);
    }

    /// <summary>Appends the items of a chunk.</summary>
    public void Load(ref ListCell<T> cell, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        if (subKey.Length != sizeof(int))
            throw new StreamKitException($"A chunk of a list is numbered by 4 bytes, not by {subKey.Length}: the checkpoint is damaged.");
        var reader = new MessagePackReader(value);
        if (BinaryPrimitives.ReadInt32BigEndian(subKey) == 0)
        {
            reader.ReadArrayHeader();
            reader.ReadInt32();
        }

        for (int count = reader.ReadArrayHeader(); count > 0; count--)
            cell.Append(serializer.Read(ref reader));
    }

    private int WriteChunk(in ListCell<T> cell, int first, int chunk, RowSink sink)
    {
        sink.Scratch.Clear();
        int next = first;
        do
        {
            var item = new MessagePackWriter(sink.Scratch);
            serializer.Write(ref item, cell.Items[next]);
            item.Flush();
            next++;
        }
        while (next < cell.Count && sink.Scratch.WrittenCount < ChunkSize);

        sink.Value.Clear();
        var writer = new MessagePackWriter(sink.Value);
        if (chunk == 0)
        {
            writer.WriteArrayHeader(2);
            writer.Write(cell.Count);
        }

        writer.WriteArrayHeader(next - first);
        writer.WriteRaw(sink.Scratch.WrittenSpan);
        writer.Flush();
        Span<byte> subKey = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(subKey, chunk);
        sink.Add(subKey, sink.Value.WrittenSpan);
        return next;
    }
}
