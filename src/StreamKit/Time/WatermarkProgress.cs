using System.Numerics;
using System.Runtime.InteropServices;
using StreamKit.Elements;

namespace StreamKit.Time;

/// <summary>
/// Assigns timestamps to the records of one split and keeps its watermark, batch by batch and without allocation.
/// What a checkpoint keeps of it is <see cref="Watermark"/> alone. Owned by one thread.
/// </summary>
internal sealed class WatermarkProgress<T>
{
    private readonly string _operatorName;
    private readonly TimestampReader<T>? _reader;
    private readonly WatermarkGenerator<T>? _generator;
    private readonly long _bound;

    public WatermarkProgress(string operatorName, TimestampReader<T>? reader, WatermarkGenerator<T>? generator, long bound, long restored)
    {
        _operatorName = operatorName;
        _reader = reader;
        _generator = generator;
        _bound = bound;
        Watermark = restored;
    }

    /// <summary>The watermark after all records seen; never falls, and never reaches <see cref="EventTime.End"/>.</summary>
    public long Watermark { get; private set; }

    /// <summary>Gives every record of a batch its timestamp, and moves the watermark on.</summary>
    /// <returns>The watermark behind the batch.</returns>
    public long Advance(Batch<T> batch)
    {
        if (_reader is null)
            return Advance(batch.Span, batch.TimestampSpan);

        _reader.Read(batch.Span, batch.Timestamps);
        batch.HasTimestamps = true;
        return Advance(batch.Span, batch.TimestampSpan);
    }

    private long Advance(ReadOnlySpan<T> values, ReadOnlySpan<long> timestamps)
    {
        if (values.IsEmpty)
            return Watermark;
        if (timestamps.IsEmpty)
            throw NoTimestamps();

        var reached = _generator is null ? Bounded(Max(timestamps)) : Generated(_generator, values, timestamps);
        Watermark = Math.Max(Watermark, Math.Min(reached, EventTime.End - 1)); // the end of input is the engine's to tell
        return Watermark;
    }

    private long Bounded(long highest)
    {
        if (highest == EventTime.None)
            throw NoTimestamps();

        var distance = _bound + 1;
        return highest <= EventTime.None + distance ? EventTime.None : highest - distance;
    }

    private static long Generated(WatermarkGenerator<T> generator, ReadOnlySpan<T> values, ReadOnlySpan<long> timestamps)
    {
        for (var i = 0; i < values.Length; i++)
            generator.OnRecord(values[i], timestamps[i]);
        return generator.Current;
    }

    private static long Max(ReadOnlySpan<long> timestamps)
    {
        var highest = EventTime.None;
        var vectors = MemoryMarshal.Cast<long, Vector<long>>(timestamps);
        if (vectors.Length > 0)
        {
            var lanes = vectors[0];
            foreach (var vector in vectors[1..])
                lanes = Vector.Max(lanes, vector);
            for (var i = 0; i < Vector<long>.Count; i++)
                highest = Math.Max(highest, lanes[i]);
        }

        foreach (var timestamp in timestamps[(vectors.Length * Vector<long>.Count)..])
            highest = Math.Max(highest, timestamp);
        return highest;
    }

    private StreamKitException NoTimestamps() => new(
        $"A record without a timestamp came to the watermark strategy of '{_operatorName}'. Add WithTimestamp to the strategy: the source gives no timestamps of its own.");
}
