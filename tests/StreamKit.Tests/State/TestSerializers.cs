namespace StreamKit.Tests.State;

internal sealed class LongSerializer : Serializer<long>
{
    public override void Write(ref MessagePackWriter writer, long value) => writer.Write(value);

    public override long Read(ref MessagePackReader reader) => reader.ReadInt64();
}

/// <summary>A class that changes: the state has to serialize it before anyone may touch it.</summary>
internal sealed class Box
{
    public int Content { get; set; }
}

internal sealed class BoxSerializer : Serializer<Box>
{
    /// <summary>A box with this content cannot be written.</summary>
    public const int Broken = -13;

    public override void Write(ref MessagePackWriter writer, Box value)
    {
        if (value.Content == Broken)
            throw new InvalidOperationException("broken box");
        writer.Write(value.Content);
    }

    public override Box Read(ref MessagePackReader reader) => new() { Content = reader.ReadInt32() };
}
