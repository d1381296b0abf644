namespace StreamKit.Serialization;

/// <summary>Nil or the value.</summary>
internal sealed class NullableSerializer<T>(Serializer<T> value) : Serializer<T?>
    where T : struct
{
    public override void Write(ref MessagePackWriter writer, T? nullable)
    {
        if (nullable is null)
            writer.WriteNil();
        else
            value.Write(ref writer, nullable.GetValueOrDefault());
    }

    public override T? Read(ref MessagePackReader reader) => reader.TryReadNil() ? null : value.Read(ref reader);
}
