namespace StreamKit.Serialization;

internal sealed class ByteArraySerializer : Serializer<byte[]?>
{
    public override void Write(ref MessagePackWriter writer, byte[]? value)
    {
        if (value is null)
            writer.WriteNil();
        else
            writer.Write(value.AsSpan());
    }

    public override byte[]? Read(ref MessagePackReader reader) => reader.TryReadNil() ? null : reader.ReadBytes().ToArray();
}

/// <summary>The null of an array that it was before is empty.</summary>
internal sealed class MemorySerializer : Serializer<Memory<byte>>
{
    public override void Write(ref MessagePackWriter writer, Memory<byte> value) => writer.Write(value.Span);

    public override Memory<byte> Read(ref MessagePackReader reader) => reader.TryReadNil() ? default : reader.ReadBytes().ToArray();
}

/// <summary>The null of an array that it was before is empty.</summary>
internal sealed class ReadOnlyMemorySerializer : Serializer<ReadOnlyMemory<byte>>
{
    public override void Write(ref MessagePackWriter writer, ReadOnlyMemory<byte> value) => writer.Write(value.Span);

    public override ReadOnlyMemory<byte> Read(ref MessagePackReader reader) => reader.TryReadNil() ? default : reader.ReadBytes().ToArray();
}

/// <summary>As 16 bytes in the order in which a GUID is printed.</summary>
internal sealed class GuidSerializer : Serializer<Guid>
{
    public override void Write(ref MessagePackWriter writer, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        writer.Write(bytes);
    }

    public override Guid Read(ref MessagePackReader reader)
    {
        var bytes = reader.ReadBytes();
        return bytes.Length == 16 ? new Guid(bytes, bigEndian: true) : throw new StreamSerializationException(
            $"A 'Guid' before byte {reader.Position} has {bytes.Length} bytes, expected 16. The bytes were written for another type.");
    }
}
