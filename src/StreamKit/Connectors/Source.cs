using System.Threading.Channels;
using StreamKit.Connectors;

namespace StreamKit;

/// <summary>Sources of records that are in memory or made on the spot, and the rate limit for any source. Files are in <see cref="FileSource"/>.</summary>
public static class Source
{
    /// <summary>
    /// The splits of a number sequence when nothing else is said. It does not depend on the parallelism, because a later run may have another one;
    /// 8 keeps the subtasks of most machines busy.
    /// </summary>
    private const int SequenceSplits = 8;

    /// <summary>The records of a list, in order, as one split. The list must not change while the job runs, nor before it is run again from a checkpoint.</summary>
    /// <typeparam name="T">The record type.</typeparam>
    /// <param name="items">The records.</param>
    /// <returns>A bounded, replayable source.</returns>
    public static Source<T> FromCollection<T>(IReadOnlyList<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return new CollectionSource<T>(items);
    }

    /// <summary>
    /// The records of a sequence, in order, as one split. It is enumerated as the job reads it, and again from its beginning after a failure:
    /// every enumeration must give the same records.
    /// </summary>
    /// <typeparam name="T">The record type.</typeparam>
    /// <param name="items">The records.</param>
    /// <returns>A bounded, replayable source.</returns>
    public static Source<T> FromCollection<T>(IEnumerable<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return items is IReadOnlyList<T> list ? new CollectionSource<T>(list) : new EnumerableSource<T>(items);
    }

    /// <summary>
    /// The numbers <paramref name="from"/>, <paramref name="from"/> + 1, … . They come as several splits that advance together: split i of n holds every n-th number
    /// from the i-th on, so numbers are in order within a split, and only within it. Ask for one split to have them all in order.
    /// </summary>
    /// <param name="from">The first number.</param>
    /// <param name="count">How many numbers.</param>
    /// <param name="splits">The number of splits, from 1; default 8.</param>
    /// <returns>A bounded, replayable source.</returns>
    public static Source<long> Range(long from, long count, int splits = SequenceSplits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(splits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, count == 0 ? from : long.MaxValue - count + 1);
        return new SequenceSource<long>(count, splits, index => from + index);
    }

    /// <summary>
    /// Records made from their index, in several splits that advance together as in <see cref="Range"/>. After a failure records are made again,
    /// so <paramref name="make"/> must give the same record for the same index.
    /// </summary>
    /// <typeparam name="T">The record type.</typeparam>
    /// <param name="count">How many records.</param>
    /// <param name="make">Makes the record of an index, which counts from 0. Called from several threads.</param>
    /// <param name="eventsPerSecond">Records per second of the whole job, fractions allowed, by the job's clock; 0 (the default) for as many as the job can take.</param>
    /// <param name="splits">The number of splits, from 1; default 8.</param>
    /// <returns>A bounded, replayable source.</returns>
    public static Source<T> Generate<T>(long count, Func<long, T> make, double eventsPerSecond = 0, int splits = SequenceSplits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentNullException.ThrowIfNull(make);
        ArgumentOutOfRangeException.ThrowIfLessThan(splits, 1);
        return AtRate(new SequenceSource<T>(count, splits, make), eventsPerSecond);
    }

    /// <summary>Records made from their index without end, otherwise as <see cref="Generate{T}(long, Func{long, T}, double, int)"/>.</summary>
    /// <typeparam name="T">The record type.</typeparam>
    /// <param name="make">Makes the record of an index, which counts from 0. Called from several threads.</param>
    /// <param name="eventsPerSecond">Records per second of the whole job, fractions allowed, by the job's clock; 0 (the default) for as many as the job can take.</param>
    /// <param name="splits">The number of splits, from 1; default 8.</param>
    /// <returns>An unbounded, replayable source.</returns>
    public static Source<T> Generate<T>(Func<long, T> make, double eventsPerSecond = 0, int splits = SequenceSplits)
    {
        ArgumentNullException.ThrowIfNull(make);
        ArgumentOutOfRangeException.ThrowIfLessThan(splits, 1);
        return AtRate(new SequenceSource<T>(null, splits, make), eventsPerSecond);
    }

    /// <summary>
    /// The records of a channel, as one split that ends when the channel is completed. Not replayable: records that were read and not yet covered by a checkpoint
    /// are lost by a failure, and the job says so when it is built.
    /// </summary>
    /// <typeparam name="T">The record type.</typeparam>
    /// <param name="channel">The channel; the job should be its only reader.</param>
    /// <returns>An unbounded source that is not replayable.</returns>
    public static Source<T> FromChannel<T>(ChannelReader<T> channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return new ChannelSource<T>(channel);
    }

    /// <summary>
    /// The records of an asynchronous sequence, as one split that ends with it. Not replayable: after a failure it is enumerated anew, and whatever that gives is taken.
    /// </summary>
    /// <typeparam name="T">The record type.</typeparam>
    /// <param name="items">The records. It should obey the token of its enumeration: an enumeration that ignores it is left behind when the job stops, and disposed when its pending step ends.</param>
    /// <returns>An unbounded source that is not replayable.</returns>
    public static Source<T> FromAsyncEnumerable<T>(IAsyncEnumerable<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return new AsyncEnumerableSource<T>(items);
    }

    /// <summary>
    /// Limits how many records a source gives per second, by the job's clock. The rate is that of the whole job: all subtasks in the process share it.
    /// Below 200 records per second every record comes on its own and at its time; above, they come in small batches, about every 5 ms.
    /// </summary>
    /// <typeparam name="T">The record type.</typeparam>
    /// <param name="source">The source.</param>
    /// <param name="eventsPerSecond">Records per second; fractions are allowed, 0.5 is one record every two seconds. Must be above 0.</param>
    /// <returns>The limited source; everything else about it is as it was.</returns>
    public static Source<T> WithRateLimit<T>(this Source<T> source, double eventsPerSecond)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!double.IsFinite(eventsPerSecond) || eventsPerSecond <= 0)
            throw new ArgumentOutOfRangeException(nameof(eventsPerSecond), eventsPerSecond, "The rate must be a finite number above 0; leave the limit out to read without one.");
        return new RateLimitedSource<T>(source, eventsPerSecond);
    }

    private static Source<T> AtRate<T>(Source<T> source, double eventsPerSecond) =>
        eventsPerSecond == 0 ? source : source.WithRateLimit(eventsPerSecond);
}
