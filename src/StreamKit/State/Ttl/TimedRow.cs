using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>The row of a value that expires: an array of two, when it does in milliseconds since the Unix epoch, and the value.</summary>
internal static class TimedRow
{
    public static void Begin(PooledBufferWriter row)
    {
        row.Clear();
        var writer = new MessagePackWriter(row);
        writer.WriteArrayHeader(2);
        writer.Flush();
    }

    /// <summary>When the row's value expires.</summary>
    public static long ReadExpiry(ReadOnlySpan<byte> row)
    {
        var reader = new MessagePackReader(row);
        return ReadExpiry(ref reader);
    }

    /// <summary>As above; the value comes next.</summary>
    public static long ReadExpiry(ref MessagePackReader reader)
    {
        reader.ReadArrayHeader();
        return reader.ReadInt64();
    }
}
