namespace StreamKit.Serialization;

/// <summary>
/// Turns the bytes of a value as an older version of its type wrote them into the bytes that the type writes today. Bytes to bytes, in one pass and without
/// objects between, so that reading an old row and merging it come to the same, whoever made the serializer. Stateless and safe for concurrent use.
/// </summary>
internal abstract class ValueConversion
{
    /// <summary>Leaves the bytes as they are.</summary>
    public static ValueConversion None { get; } = new RawConversion();

    /// <summary>Whether the bytes stay as they are.</summary>
    public bool IsNone => ReferenceEquals(this, None);

    /// <summary>Reads one value, and writes it in its new form.</summary>
    public abstract void Convert(ref MessagePackReader reader, ref MessagePackWriter writer);

    private sealed class RawConversion : ValueConversion
    {
        public override void Convert(ref MessagePackReader reader, ref MessagePackWriter writer) => writer.WriteRaw(reader.ReadRaw());
    }
}

/// <summary>A number as a 32-bit one.</summary>
internal sealed class SingleConversion : ValueConversion
{
    public override void Convert(ref MessagePackReader reader, ref MessagePackWriter writer) => writer.Write(reader.ReadSingle());
}

/// <summary>A number as a 64-bit one.</summary>
internal sealed class DoubleConversion : ValueConversion
{
    public override void Convert(ref MessagePackReader reader, ref MessagePackWriter writer) => writer.Write(reader.ReadDouble());
}

/// <summary>A whole number as a decimal without a scale.</summary>
internal sealed class DecimalConversion : ValueConversion
{
    public override void Convert(ref MessagePackReader reader, ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(2);
        writer.WriteRaw(reader.ReadRaw());
        writer.Write(0);
    }
}

/// <summary>Reads a value and writes it again: a registered serializer that understands what was written in another form.</summary>
internal sealed class RewritingConversion(IValueSerializer serializer) : ValueConversion
{
    public override void Convert(ref MessagePackReader reader, ref MessagePackWriter writer) => serializer.Rewrite(ref reader, ref writer);
}

/// <summary>Nil stays nil, or becomes something where there is no null any more.</summary>
internal sealed class NullableConversion(ValueConversion value, byte[]? instead) : ValueConversion
{
    public override void Convert(ref MessagePackReader reader, ref MessagePackWriter writer)
    {
        if (!reader.TryReadNil())
            value.Convert(ref reader, ref writer);
        else if (instead is null)
            writer.WriteNil();
        else
            writer.WriteRaw(instead);
    }
}

/// <summary>The elements of a sequence.</summary>
internal sealed class SequenceConversion(ValueConversion element) : ValueConversion
{
    public override void Convert(ref MessagePackReader reader, ref MessagePackWriter writer)
    {
        if (reader.TryReadNil())
        {
            writer.WriteNil();
            return;
        }

        var count = reader.ReadArrayHeader();
        writer.WriteArrayHeader(count);
        for (; count > 0; count--)
            element.Convert(ref reader, ref writer);
    }
}

/// <summary>The values of a map; keys never change.</summary>
internal sealed class MapConversion(ValueConversion value) : ValueConversion
{
    public override void Convert(ref MessagePackReader reader, ref MessagePackWriter writer)
    {
        if (reader.TryReadNil())
        {
            writer.WriteNil();
            return;
        }

        var count = reader.ReadMapHeader();
        writer.WriteMapHeader(count);
        for (; count > 0; count--)
        {
            writer.WriteRaw(reader.ReadRaw());
            value.Convert(ref reader, ref writer);
        }
    }
}
