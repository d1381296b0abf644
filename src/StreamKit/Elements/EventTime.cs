namespace StreamKit.Elements;

/// <summary>The two ends of event time. Timestamps are milliseconds since the Unix epoch, UTC.</summary>
internal static class EventTime
{
    /// <summary>No timestamp, or no watermark yet.</summary>
    public const long None = long.MinValue;

    /// <summary>The watermark at the end of input: nothing comes after it.</summary>
    public const long End = long.MaxValue;
}
