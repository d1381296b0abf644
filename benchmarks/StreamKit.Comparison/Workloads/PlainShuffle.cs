using System.Threading.Channels;

namespace StreamKit.Comparison;

/// <summary>What a hand-written shuffle does with a record, before and behind the exchange.</summary>
internal interface IShuffleStep
{
    int Choose(long value);

    long Apply(long value);
}

/// <summary>The hand-written shuffle: tasks, bounded channels of arrays, and nothing else.</summary>
internal static class PlainShuffle<TGenerator, TStep>
    where TGenerator : struct, IGenerator<long>
    where TStep : struct, IShuffleStep
{
    /// <summary>Producers, and consumers.</summary>
    public const int Sides = 2;

    private const int BatchSize = 512;
    private const int ChannelCapacity = 8;

    public static Outcome Run(long events)
    {
        var channels = Enumerable.Range(0, Sides).Select(static _ => Channel.CreateBounded<Part>(new BoundedChannelOptions(ChannelCapacity) { SingleReader = true })).ToArray();
        var free = Channel.CreateUnbounded<long[]>();
        var producers = Enumerable.Range(0, Sides).Select(side => Task.Run(() => ProduceAsync(events * side / Sides, events * (side + 1) / Sides, channels, free))).ToArray();
        var consumers = channels.Select(channel => Task.Run(() => ConsumeAsync(channel.Reader, free.Writer))).ToArray();
        Task.WaitAll(producers);
        foreach (var channel in channels)
            channel.Writer.Complete();
        Task.WaitAll(consumers);
        return new Outcome(consumers.Sum(static each => each.Result.Count), consumers.Sum(static each => each.Result.Sum));
    }

    private static async Task ProduceAsync(long from, long to, Channel<Part>[] channels, Channel<long[]> free)
    {
        var step = new TStep();
        var made = new long[BatchSize];
        var open = new Part[Sides];
        for (var side = 0; side < Sides; side++)
            open[side] = new Part(new long[BatchSize], 0);
        while (from < to)
        {
            var count = (int)Math.Min(to - from, BatchSize / 2);
            Make(made.AsSpan(0, count), from);
            from += count;
            step = Deal(step, made.AsSpan(0, count), open);
            for (var side = 0; side < Sides; side++)
            {
                if (open[side].Count <= BatchSize / 2 && from < to)
                    continue;
                if (!channels[side].Writer.TryWrite(open[side]))
                    await channels[side].Writer.WriteAsync(open[side]);
                open[side] = new Part(free.Reader.TryRead(out var used) ? used : new long[BatchSize], 0);
            }
        }
    }

    private static void Make(Span<long> made, long from)
    {
        for (var i = 0; i < made.Length; i++)
            made[i] = default(TGenerator).Make(from + i);
    }

    private static TStep Deal(TStep step, ReadOnlySpan<long> values, Part[] open)
    {
        foreach (var value in values)
        {
            ref var part = ref open[step.Choose(value)];
            part.Values[part.Count++] = value;
        }

        return step;
    }

    private static async Task<Outcome> ConsumeAsync(ChannelReader<Part> reader, ChannelWriter<long[]> free)
    {
        var step = new TStep();
        var count = 0L;
        var sum = 0L;
        while (await reader.WaitToReadAsync())
        {
            while (reader.TryRead(out var part))
            {
                sum += Apply(step, part.Values.AsSpan(0, part.Count));
                count += part.Count;
                free.TryWrite(part.Values);
            }
        }

        return new Outcome(count, sum);
    }

    private static long Apply(TStep step, ReadOnlySpan<long> values)
    {
        var sum = 0L;
        foreach (var value in values)
            sum += step.Apply(value);
        return sum;
    }

    private struct Part(long[] values, int count)
    {
        public readonly long[] Values = values;
        public int Count = count;
    }
}
