using System.Buffers.Binary;

namespace StreamKit.Serialization;

/// <summary>The three forms of the timestamp extension, to and from .NET ticks.</summary>
internal static class MessagePackTimestamp
{
    private const int NanosecondsPerTick = 100;
    private static readonly long EpochSeconds = DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerSecond;
    private static readonly long MaxSeconds = (DateTime.MaxValue.Ticks / TimeSpan.TicksPerSecond) - EpochSeconds;

    /// <summary>Writes the shortest form.</summary>
    /// <param name="ticks">Ticks since year 1, UTC.</param>
    /// <param name="destination">At least 12 bytes.</param>
    /// <returns>4, 8 or 12.</returns>
    public static int Encode(long ticks, Span<byte> destination)
    {
        var (whole, part) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        var seconds = whole - EpochSeconds;
        var nanoseconds = (uint)part * NanosecondsPerTick;
        if (seconds >> 34 != 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, nanoseconds);
            BinaryPrimitives.WriteInt64BigEndian(destination[4..], seconds);
            return 12;
        }

        if (nanoseconds == 0 && seconds <= uint.MaxValue)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)seconds);
            return 4;
        }

        BinaryPrimitives.WriteUInt64BigEndian(destination, ((ulong)nanoseconds << 34) | (ulong)seconds);
        return 8;
    }

    /// <summary>Reads any form; nanoseconds that a tick cannot hold are cut off.</summary>
    /// <returns>Ticks since year 1, UTC.</returns>
    /// <exception cref="StreamSerializationException">Another length, a full second of nanoseconds, or an instant outside of years 1 to 9999.</exception>
    public static long Decode(ReadOnlySpan<byte> bytes)
    {
        long seconds;
        uint nanoseconds = 0;
        switch (bytes.Length)
        {
            case 4:
                seconds = BinaryPrimitives.ReadUInt32BigEndian(bytes);
                break;
            case 8:
                var packed = BinaryPrimitives.ReadUInt64BigEndian(bytes);
                seconds = (long)(packed & 0x3_ffff_ffff);
                nanoseconds = (uint)(packed >> 34);
                break;
            case 12:
                nanoseconds = BinaryPrimitives.ReadUInt32BigEndian(bytes);
                seconds = BinaryPrimitives.ReadInt64BigEndian(bytes[4..]);
                break;
            default:
                throw new StreamSerializationException($"A timestamp has 4, 8 or 12 bytes, but this one has {bytes.Length}.");
        }

        if (nanoseconds > 999_999_999 || seconds < -EpochSeconds || seconds > MaxSeconds)
            throw new StreamSerializationException($"A timestamp of {seconds} s and {nanoseconds} ns since 1970 lies outside of the years 1 to 9999.");

        return ((seconds + EpochSeconds) * TimeSpan.TicksPerSecond) + (nanoseconds / NanosecondsPerTick);
    }
}
