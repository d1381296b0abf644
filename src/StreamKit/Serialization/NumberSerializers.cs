using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamKit.Serialization;

internal sealed class BooleanSerializer : Serializer<bool>
{
    public override void Write(ref MessagePackWriter writer, bool value) => writer.Write(value);

    public override bool Read(ref MessagePackReader reader) => reader.ReadBoolean();
}

internal sealed class ByteSerializer : Serializer<byte>
{
    public override void Write(ref MessagePackWriter writer, byte value) => writer.Write((ulong)value);

    public override byte Read(ref MessagePackReader reader) => reader.ReadByte();
}

internal sealed class SByteSerializer : Serializer<sbyte>
{
    public override void Write(ref MessagePackWriter writer, sbyte value) => writer.Write((long)value);

    public override sbyte Read(ref MessagePackReader reader) => reader.ReadSByte();
}

internal sealed class Int16Serializer : Serializer<short>
{
    public override void Write(ref MessagePackWriter writer, short value) => writer.Write((long)value);

    public override short Read(ref MessagePackReader reader) => reader.ReadInt16();
}

internal sealed class UInt16Serializer : Serializer<ushort>
{
    public override void Write(ref MessagePackWriter writer, ushort value) => writer.Write((ulong)value);

    public override ushort Read(ref MessagePackReader reader) => reader.ReadUInt16();
}

internal sealed class Int32Serializer : Serializer<int>
{
    public override void Write(ref MessagePackWriter writer, int value) => writer.Write((long)value);

    public override int Read(ref MessagePackReader reader) => reader.ReadInt32();
}

internal sealed class UInt32Serializer : Serializer<uint>
{
    public override void Write(ref MessagePackWriter writer, uint value) => writer.Write((ulong)value);

    public override uint Read(ref MessagePackReader reader) => reader.ReadUInt32();
}

internal sealed class Int64Serializer : Serializer<long>
{
    public override void Write(ref MessagePackWriter writer, long value) => writer.Write(value);

    public override long Read(ref MessagePackReader reader) => reader.ReadInt64();
}

internal sealed class UInt64Serializer : Serializer<ulong>
{
    public override void Write(ref MessagePackWriter writer, ulong value) => writer.Write(value);

    public override ulong Read(ref MessagePackReader reader) => reader.ReadUInt64();
}

internal sealed class SingleSerializer : Serializer<float>
{
    public override void Write(ref MessagePackWriter writer, float value) => writer.Write(value);

    public override float Read(ref MessagePackReader reader) => reader.ReadSingle();
}

internal sealed class DoubleSerializer : Serializer<double>
{
    public override void Write(ref MessagePackWriter writer, double value) => writer.Write(value);

    public override double Read(ref MessagePackReader reader) => reader.ReadDouble();
}

/// <summary>As a 32-bit float, which holds every half exactly.</summary>
internal sealed class HalfSerializer : Serializer<Half>
{
    public override void Write(ref MessagePackWriter writer, Half value) => writer.Write((float)value);

    public override Half Read(ref MessagePackReader reader)
    {
        var wide = reader.ReadSingle();
        var value = (Half)wide;
        return (float)value == wide || float.IsNaN(wide) ? value : throw new StreamSerializationException(
            $"The number {wide:R} before byte {reader.Position} cannot be held exactly by 'Half'. The bytes were written for another type.");
    }
}

internal sealed class Int128Serializer : Serializer<Int128>
{
    public override void Write(ref MessagePackWriter writer, Int128 value)
    {
        if (value >= long.MinValue && value <= long.MaxValue)
            writer.Write((long)value);
        else
            WideInteger.Write(ref writer, value);
    }

    public override Int128 Read(ref MessagePackReader reader) =>
        reader.NextKind == MessagePackKind.Integer ? (Int128)WideInteger.ReadNarrow(ref reader) : (Int128)WideInteger.Read(ref reader, Int128.MinValue, Int128.MaxValue);
}

internal sealed class UInt128Serializer : Serializer<UInt128>
{
    public override void Write(ref MessagePackWriter writer, UInt128 value)
    {
        if (value <= ulong.MaxValue)
            writer.Write((ulong)value);
        else
            WideInteger.Write(ref writer, value);
    }

    public override UInt128 Read(ref MessagePackReader reader) => (UInt128)WideInteger.Read(ref reader, UInt128.MinValue, UInt128.MaxValue);
}

internal sealed class BigIntegerSerializer : Serializer<BigInteger>
{
    public override void Write(ref MessagePackWriter writer, BigInteger value) => WideInteger.Write(ref writer, value);

    public override BigInteger Read(ref MessagePackReader reader) => WideInteger.Read(ref reader);
}

/// <summary>
/// As [unscaled, scale]: the value is unscaled ÷ 10^scale. The scale survives, so 1.10 stays 1.10; the sign of zero does not.
/// </summary>
internal sealed class DecimalSerializer : Serializer<decimal>
{
    public override void Write(ref MessagePackWriter writer, decimal value) => WriteParts(ref writer, value);

    public override decimal Read(ref MessagePackReader reader) => ReadParts(ref reader);

    public static void WriteParts(ref MessagePackWriter writer, decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var low = (uint)bits[0] | ((ulong)(uint)bits[1] << 32);
        WriteParts(ref writer, low, (uint)bits[2], bits[3] < 0, value.Scale);
    }

    /// <summary>Writes (high·2^64 + low) ÷ 10^scale.</summary>
    public static void WriteParts(ref MessagePackWriter writer, ulong low, uint high, bool isNegative, int scale)
    {
        writer.WriteArrayHeader(2);
        if (high != 0 || (isNegative && low > long.MaxValue))
        {
            var magnitude = (BigInteger)new UInt128(high, low);
            WideInteger.Write(ref writer, isNegative ? -magnitude : magnitude);
        }
        else if (isNegative)
        {
            writer.Write(-(long)low);
        }
        else
        {
            writer.Write(low);
        }

        writer.Write((ulong)scale);
    }

    public static decimal ReadParts(ref MessagePackReader reader)
    {
        Parts.Expect(ref reader, 2, "decimal");
        var unscaled = reader.NextKind == MessagePackKind.Integer
            ? WideInteger.ReadNarrow(ref reader)
            : (Int128)WideInteger.Read(ref reader, -MaxUnscaled, MaxUnscaled);
        var scale = reader.ReadByte();
        if (scale > 28)
            throw new StreamSerializationException($"A decimal before byte {reader.Position} has the scale {scale}, the most is 28. The bytes are damaged or were written by something else.");

        var magnitude = (UInt128)Int128.Abs(unscaled);
        return new decimal((int)(uint)magnitude, (int)(uint)(magnitude >> 32), (int)(uint)(magnitude >> 64), unscaled < 0, scale);
    }

    private static readonly BigInteger MaxUnscaled = (BigInteger.One << 96) - 1;
}

/// <summary>An enumeration as its number.</summary>
internal sealed class EnumSerializer<T, TNumber>(Serializer<TNumber> number) : Serializer<T>
    where T : struct, Enum
    where TNumber : struct
{
    public override void Write(ref MessagePackWriter writer, T value) => number.Write(ref writer, Unsafe.BitCast<T, TNumber>(value));

    public override T Read(ref MessagePackReader reader) => Unsafe.BitCast<TNumber, T>(number.Read(ref reader));
}
