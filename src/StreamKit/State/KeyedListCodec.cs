using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>A small list as one row, an array of its items, or where that would be long in parts, as large ones are stored. A large one writes its rows itself.</summary>
internal sealed class KeyedListCodec<T>(Serializer<T> serializer) : RowCodec<KeyedList<T>>
{
    public override bool IsOneRow => true;

    public override void Write(in KeyedList<T> cell, RowSink sink)
    {
        if (cell.Large is not null)
            return;
        if (WriteItems(cell, sink.Scratch, most: LargeCutRows.RowSize))
        {
            AddRow(cell, sink);
            return;
        }

        var page = new ListPage(0);
        page.Append(cell.SmallCount);
        sink.BeginParts(page);
        page.Write<T>(cell.Items.AsSpan(0, cell.SmallCount), times: [], serializer, sink, changedOnly: false);
    }

    public override void WriteStored(in KeyedList<T> cell, RowSink sink)
    {
        WriteItems(cell, sink.Scratch, most: int.MaxValue);
        AddRow(cell, sink);
    }

    /// <summary>Writes items, the first of which is never too long.</summary>
    /// <returns>Whether all of them fit.</returns>
    private bool WriteItems(in KeyedList<T> cell, PooledBufferWriter output, int most)
    {
        output.Clear();
        for (int i = 0; i < cell.SmallCount; i++)
        {
            var writer = new MessagePackWriter(output);
            serializer.Write(ref writer, cell.Items[i]);
            writer.Flush();
            if (i > 0 && output.WrittenCount > most)
                return false;
        }

        return true;
    }

    private static void AddRow(in KeyedList<T> cell, RowSink sink)
    {
        sink.Value.Clear();
        var writer = new MessagePackWriter(sink.Value);
        writer.WriteArrayHeader(cell.SmallCount);
        writer.WriteRaw(sink.Scratch.WrittenSpan);
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
