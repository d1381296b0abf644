using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>A small list as one row, an array of its items. A large one writes its rows itself.</summary>
internal sealed class KeyedListCodec<T>(Serializer<T> serializer) : RowCodec<KeyedList<T>>
{
    public override bool IsOneRow => true;

    public override void Write(in KeyedList<T> cell, RowSink sink)
    {
        if (cell.Large is not null)
            return;
        sink.Value.Clear();
        var writer = new MessagePackWriter(sink.Value);
        writer.WriteArrayHeader(cell.SmallCount);
        for (int i = 0; i < cell.SmallCount; i++)
            serializer.Write(ref writer, cell.Items[i]);
        writer.Flush();
        sink.Add(default, sink.Value.WrittenSpan);
    }

    /// <summary>Appends the items of the row.</summary>
    public void Load(ref KeyedList<T> cell, ReadOnlySpan<byte> value)
    {
        var reader = new MessagePackReader(value);
        for (int count = reader.ReadArrayHeader(); count > 0; count--)
            cell.Append(serializer.Read(ref reader));
    }
}
