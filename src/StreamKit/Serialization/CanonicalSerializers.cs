namespace StreamKit.Serialization;

/// <summary>−0 as 0 and one NaN: what <c>Equals</c> of floating-point numbers takes for equal.</summary>
internal sealed class CanonicalDoubleSerializer : Serializer<double>
{
    public override void Write(ref MessagePackWriter writer, double value) => writer.Write(double.IsNaN(value) ? double.NaN : value + 0.0);

    public override double Read(ref MessagePackReader reader) => reader.ReadDouble();
}

/// <summary>−0 as 0 and one NaN.</summary>
internal sealed class CanonicalSingleSerializer : Serializer<float>
{
    public override void Write(ref MessagePackWriter writer, float value) => writer.Write(float.IsNaN(value) ? float.NaN : value + 0.0f);

    public override float Read(ref MessagePackReader reader) => reader.ReadSingle();
}

/// <summary>−0 as 0 and one NaN.</summary>
internal sealed class CanonicalHalfSerializer : Serializer<Half>
{
    private readonly HalfSerializer _plain = new();

    public override void Write(ref MessagePackWriter writer, Half value) => writer.Write(Half.IsNaN(value) ? float.NaN : (float)value + 0.0f);

    public override Half Read(ref MessagePackReader reader) => _plain.Read(ref reader);
}

/// <summary>Without trailing zeros.</summary>
internal sealed class CanonicalDecimalSerializer : Serializer<decimal>
{
    // Dividing by a one of the largest scale gives the same number in the smallest scale that holds it.
    private const decimal One = 1.0000000000000000000000000000m;

    public override void Write(ref MessagePackWriter writer, decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        if (bits[2] != 0)
        {
            DecimalSerializer.WriteParts(ref writer, value / One);
            return;
        }

        // Most numbers fit in 64 bits, where taking off zeros is many times cheaper than that division.
        var low = (uint)bits[0] | ((ulong)(uint)bits[1] << 32);
        int scale = low == 0 ? 0 : value.Scale;
        while (scale > 0 && low % 10 == 0)
        {
            low /= 10;
            scale--;
        }

        DecimalSerializer.WriteParts(ref writer, low, 0, bits[3] < 0, scale);
    }

    public override decimal Read(ref MessagePackReader reader) => DecimalSerializer.ReadParts(ref reader);
}

/// <summary>As its instant in UTC; the offset is dropped.</summary>
internal sealed class CanonicalDateTimeOffsetSerializer : Serializer<DateTimeOffset>
{
    public override void Write(ref MessagePackWriter writer, DateTimeOffset value) => writer.WriteTimestamp(value.UtcDateTime);

    public override DateTimeOffset Read(ref MessagePackReader reader) => new(reader.ReadTimestamp());
}
