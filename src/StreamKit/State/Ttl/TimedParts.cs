using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// A row of several items or entries that expire: an array of three, when the last of them does in milliseconds since the Unix epoch, how much earlier each of
/// them does, and the row as it would be without times. So a row of which nothing is left is told by its first number, as a <see cref="TimedRow"/> is.
/// </summary>
internal static class TimedParts
{
    /// <summary>Begins a row; what it would be without times comes next.</summary>
    public static void Begin(ref MessagePackWriter writer, ReadOnlySpan<long> times)
    {
        long last = long.MinValue;
        foreach (long time in times)
            last = Math.Max(last, time);
        writer.WriteArrayHeader(3);
        writer.Write(last);
        writer.WriteArrayHeader(times.Length);
        foreach (long time in times)
            writer.Write(last - time);
    }

    /// <summary>Reads when items expire; the row as it would be without times comes next.</summary>
    public static long[] Read(ref MessagePackReader reader)
    {
        long last = TimedRow.ReadExpiry(ref reader);
        long[] times = new long[reader.ReadArrayHeader()];
        for (int i = 0; i < times.Length; i++)
            times[i] = last - reader.ReadInt64();
        return times;
    }
}
