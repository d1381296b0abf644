namespace StreamKit.State;

/// <summary>A value as one row.</summary>
internal sealed class ValueCodec<T>(Serializer<T> serializer) : RowCodec<T>
{
    public override bool IsOneRow => true;

    public override void Write(in T cell, RowSink sink)
    {
        sink.Scratch.Clear();
        var writer = new MessagePackWriter(sink.Scratch);
        serializer.Write(ref writer, cell);
        writer.Flush();
        sink.Add(default, sink.Scratch.WrittenSpan);
    }
}
