using StreamKit.Time;

namespace StreamKit;

/// <summary>
/// Where the timestamps of records come from, and how far event time has come. A watermark W is the promise that no record at or before W comes any more;
/// records that break it are late. Immutable: each method returns a changed copy.
/// </summary>
/// <typeparam name="T">The record type.</typeparam>
/// <example><code>stream.AssignTimestampsAndWatermarks(w => w.BoundedOutOfOrderness(TimeSpan.FromSeconds(5)).WithTimestamp(t => t.At))</code></example>
public sealed class WatermarkStrategy<T>
{
    private readonly TimestampReader<T>? _reader;
    private readonly Func<WatermarkGenerator<T>>? _generator;
    private readonly long _boundMilliseconds = -1;

    internal WatermarkStrategy()
    {
    }

    private WatermarkStrategy(TimestampReader<T>? reader, Func<WatermarkGenerator<T>>? generator, long boundMilliseconds, TimeSpan? idleTimeout)
    {
        _reader = reader;
        _generator = generator;
        _boundMilliseconds = boundMilliseconds;
        IdleTimeout = idleTimeout;
    }

    /// <summary>How long a split may be silent before it no longer holds back the watermark; null for ever.</summary>
    internal TimeSpan? IdleTimeout { get; }

    /// <summary>True when timestamps are read from the records; false when the source has to give them.</summary>
    internal bool ReadsTimestamps => _reader is not null;

    /// <summary>True when one of the three ways to make watermarks was chosen.</summary>
    internal bool MakesWatermarks => _generator is not null || _boundMilliseconds >= 0;

    /// <summary>Records may come up to <paramref name="bound"/> later than a record of a higher timestamp. The watermark is the highest timestamp − the bound − 1 ms.</summary>
    /// <param name="bound">Not negative; rounded down to whole milliseconds.</param>
    /// <returns>The changed strategy.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The bound is negative.</exception>
    public WatermarkStrategy<T> BoundedOutOfOrderness(TimeSpan bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, TimeSpan.Zero);
        return new(_reader, null, bound.Ticks / TimeSpan.TicksPerMillisecond, IdleTimeout);
    }

    /// <summary>Timestamps never fall; equal ones are fine. The watermark is the highest timestamp − 1 ms.</summary>
    /// <returns>The changed strategy.</returns>
    public WatermarkStrategy<T> Monotonous() => new(_reader, null, 0, IdleTimeout);

    /// <summary>Watermarks are made by a generator of your own.</summary>
    /// <param name="generator">Makes a new one for each split and attempt.</param>
    /// <returns>The changed strategy.</returns>
    public WatermarkStrategy<T> WithGenerator(Func<WatermarkGenerator<T>> generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return new(_reader, generator, -1, IdleTimeout);
    }

    /// <summary>
    /// A split that has given no records for <paramref name="timeout"/>, by the job's clock, is idle: it no longer holds back the watermark of the others.
    /// Without this, one silent split stops event time for the whole job.
    /// </summary>
    /// <param name="timeout">At least 1 ms.</param>
    /// <returns>The changed strategy.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is below 1 ms.</exception>
    public WatermarkStrategy<T> WithIdleness(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.FromMilliseconds(1));
        return new(_reader, _generator, _boundMilliseconds, timeout);
    }

    /// <summary>Reads the timestamp from the record. Without any <c>WithTimestamp</c>, the source's own timestamps count.</summary>
    /// <param name="timestamp">Milliseconds since the Unix epoch, UTC.</param>
    /// <returns>The changed strategy.</returns>
    public WatermarkStrategy<T> WithTimestamp(Func<T, long> timestamp)
    {
        ArgumentNullException.ThrowIfNull(timestamp);
        return With(new MillisecondReader<T>(timestamp));
    }

    /// <summary>Reads the timestamp from the record, rounded down to whole milliseconds.</summary>
    /// <param name="timestamp">The instant; its offset plays no part.</param>
    /// <returns>The changed strategy.</returns>
    public WatermarkStrategy<T> WithTimestamp(Func<T, DateTimeOffset> timestamp)
    {
        ArgumentNullException.ThrowIfNull(timestamp);
        return With(new DateTimeOffsetReader<T>(timestamp));
    }

    /// <summary>Reads the timestamp from the record, rounded down to whole milliseconds.</summary>
    /// <param name="timestamp">The instant, of kind <see cref="DateTimeKind.Utc"/>; any other kind fails the job, because it would depend on the machine's time zone.</param>
    /// <returns>The changed strategy.</returns>
    public WatermarkStrategy<T> WithTimestamp(Func<T, DateTime> timestamp)
    {
        ArgumentNullException.ThrowIfNull(timestamp);
        return With(new DateTimeReader<T>(timestamp));
    }

    /// <summary>Makes the watermarks of one split.</summary>
    /// <param name="operatorName">Who does it, for error messages.</param>
    /// <param name="restored">The split's watermark in the checkpoint; the new one never falls below it.</param>
    internal WatermarkProgress<T> CreateProgress(string operatorName, long restored)
    {
        if (!MakesWatermarks)
        {
            throw new StreamKitException(
                $"The watermark strategy of '{operatorName}' does not say how watermarks are made. Call BoundedOutOfOrderness, Monotonous or WithGenerator on it.");
        }

        return new WatermarkProgress<T>(operatorName, _reader, _generator?.Invoke(), _boundMilliseconds, restored);
    }

    private WatermarkStrategy<T> With(TimestampReader<T> reader) => new(reader, _generator, _boundMilliseconds, IdleTimeout);
}
