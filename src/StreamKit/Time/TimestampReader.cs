namespace StreamKit.Time;

/// <summary>Reads the timestamps of a batch of records: one virtual call per batch, the user's delegate per record. Stateless.</summary>
internal abstract class TimestampReader<T>
{
    public abstract void Read(ReadOnlySpan<T> values, Span<long> timestamps);
}

internal sealed class MillisecondReader<T>(Func<T, long> timestamp) : TimestampReader<T>
{
    public override void Read(ReadOnlySpan<T> values, Span<long> timestamps)
    {
        timestamps = timestamps[..values.Length];
        for (var i = 0; i < values.Length; i++)
            timestamps[i] = timestamp(values[i]);
    }
}

internal sealed class DateTimeOffsetReader<T>(Func<T, DateTimeOffset> timestamp) : TimestampReader<T>
{
    public override void Read(ReadOnlySpan<T> values, Span<long> timestamps)
    {
        timestamps = timestamps[..values.Length];
        for (var i = 0; i < values.Length; i++)
            timestamps[i] = timestamp(values[i]).ToUnixTimeMilliseconds();
    }
}

internal sealed class DateTimeReader<T>(Func<T, DateTime> timestamp) : TimestampReader<T>
{
    private const long UnixEpochMilliseconds = 62_135_596_800_000; // since the year 1, where ticks begin

    public override void Read(ReadOnlySpan<T> values, Span<long> timestamps)
    {
        timestamps = timestamps[..values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var instant = timestamp(values[i]);
            if (instant.Kind != DateTimeKind.Utc)
                throw NotUtc(instant);
            timestamps[i] = (instant.Ticks / TimeSpan.TicksPerMillisecond) - UnixEpochMilliseconds;
        }
    }

    private static StreamKitException NotUtc(DateTime instant) => new(
        $"A record's timestamp is {instant:yyyy-MM-ddTHH:mm:ss.fff} of kind '{instant.Kind}', but event time is UTC. "
        + "Return a DateTimeOffset, or a DateTime of kind 'Utc' (DateTime.SpecifyKind, or parse with DateTimeStyles.AdjustToUniversal | AssumeUniversal).");
}
