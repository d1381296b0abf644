using System.Globalization;

namespace StreamKit.Elements;

/// <summary>The two ends of event time. Timestamps are milliseconds since the Unix epoch, UTC.</summary>
internal static class EventTime
{
    /// <summary>No timestamp, or no watermark yet.</summary>
    public const long None = long.MinValue;

    /// <summary>The watermark at the end of input: nothing comes after it.</summary>
    public const long End = long.MaxValue;

    private static readonly long s_first = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long s_last = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>A timestamp for people: as it is in code, and as a date where there is one.</summary>
    public static string Describe(long timestamp) => timestamp >= s_first && timestamp <= s_last
        ? string.Create(CultureInfo.InvariantCulture, $"{timestamp} ({DateTimeOffset.FromUnixTimeMilliseconds(timestamp):yyyy-MM-dd'T'HH:mm:ss.fff'Z'})")
        : timestamp.ToString(CultureInfo.InvariantCulture);
}
