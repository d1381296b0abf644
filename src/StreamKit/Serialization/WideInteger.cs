using System.Numerics;

namespace StreamKit.Serialization;

/// <summary>Whole numbers beyond 64 bits: bytes of the big-endian two's complement, as few as possible. What fits in 64 bits is a plain number.</summary>
internal static class WideInteger
{
    private static readonly BigInteger MaxNarrow = ulong.MaxValue;

    public static void Write(ref MessagePackWriter writer, BigInteger value)
    {
        if (value >= long.MinValue && value <= long.MaxValue)
            writer.Write((long)value);
        else if (value.Sign > 0 && value <= MaxNarrow)
            writer.Write((ulong)value);
        else
            writer.Write(value.ToByteArray(isUnsigned: false, isBigEndian: true));
    }

    public static BigInteger Read(ref MessagePackReader reader) =>
        reader.NextKind == MessagePackKind.Integer ? ReadNarrow(ref reader) : new BigInteger(reader.ReadBytes(), isUnsigned: false, isBigEndian: true);

    public static BigInteger Read(ref MessagePackReader reader, BigInteger lowest, BigInteger highest)
    {
        var value = Read(ref reader);
        return value >= lowest && value <= highest ? value : throw new StreamSerializationException(
            $"A whole number of {value.GetBitLength()} bits before byte {reader.Position} is outside of {lowest} to {highest}. The bytes were written for another type.");
    }

    /// <summary>Reads a plain number.</summary>
    public static Int128 ReadNarrow(ref MessagePackReader reader)
    {
        var value = reader.ReadInteger(out var aboveInt64);
        return aboveInt64 ? (ulong)value : value;
    }
}
