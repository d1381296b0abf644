using System.Reactive.Linq;

namespace StreamKit.Comparison;

/// <summary>Chains of maps and filters over a counter, 2, 5 and 10 deep; nearly all records pass.</summary>
internal static class Chains
{
    public static IEnumerable<Workload> All { get; } =
    [
        Create("chain-2", static events => PlainLoop.Run(events, Loop2), static counter => Two(counter).Sum<long, Identity>(), static counter => TwoStructs(counter).Sum<long, Identity>(), Two),
        Create("chain-5", static events => PlainLoop.Run(events, Loop5), static counter => Five(counter).Sum<long, Identity>(), static counter => FiveStructs(counter).Sum<long, Identity>(), Five),
        Create("chain-10", static events => PlainLoop.Run(events, Loop10), static counter => Ten(counter).Sum<long, Identity>(), static counter => TenStructs(counter).Sum<long, Identity>(), Ten),
    ];

    private static Workload Create(
        string name, Func<long, Outcome> loop, Func<DataStream<long>, PipelineEnd> lambdas, Func<DataStream<long>, PipelineEnd> structs, Func<IObservable<long>, IObservable<long>> rx) =>
        new(name, 100_000_000,
        [
            Implementation.Plain(loop),
            StreamKitJob.Implementation<long, Counter>("streamkit-struct", default, structs),
            StreamKitJob.Implementation<long, Counter>("streamkit", default, lambdas),
            Implementation.Synchronous("rx", events => RunRx(rx, events), divisor: 4),
        ]);

    private static DataStream<long> Two(DataStream<long> x) => x.Map(static x => x + 1).Filter(static x => (x & 1023) != 7);

    private static DataStream<long> Five(DataStream<long> x) => Two(x).Map(static x => x ^ 0x5DEECE66D).Filter(static x => (x & 1023) != 77).Map(static x => x * 3);

    private static DataStream<long> Ten(DataStream<long> x) => Five(x)
        .Filter(static x => (x & 2047) != 9).Map(static x => x - 5).Filter(static x => (x & 4095) != 11).Map(static x => x + (x >> 3)).Filter(static x => (x & 8191) != 13);

    private static IObservable<long> Two(IObservable<long> x) => x.Select(static x => x + 1).Where(static x => (x & 1023) != 7);

    private static IObservable<long> Five(IObservable<long> x) => Two(x).Select(static x => x ^ 0x5DEECE66D).Where(static x => (x & 1023) != 77).Select(static x => x * 3);

    private static IObservable<long> Ten(IObservable<long> x) => Five(x)
        .Where(static x => (x & 2047) != 9).Select(static x => x - 5).Where(static x => (x & 4095) != 11).Select(static x => x + (x >> 3)).Where(static x => (x & 8191) != 13);

    private static DataStream<long> TwoStructs(DataStream<long> x) => x.Map<AddOne, long>(default).Filter(default(Not7));

    private static DataStream<long> FiveStructs(DataStream<long> x) => TwoStructs(x).Map<Flip, long>(default).Filter(default(Not77)).Map<Triple, long>(default);

    private static DataStream<long> TenStructs(DataStream<long> x) => FiveStructs(x)
        .Filter(default(Not9)).Map<LessFive, long>(default).Filter(default(Not11)).Map<AndAnEighth, long>(default).Filter(default(Not13));

    private static Outcome RunRx(Func<IObservable<long>, IObservable<long>> chain, long events)
    {
        var tally = new Tally<long, Identity>();
        using var running = chain(new Generated<long, Counter>(default, events)).Subscribe(tally);
        return tally.Outcome;
    }

    private static Outcome Loop2(long from, long to)
    {
        var count = 0L;
        var sum = 0L;
        for (var i = from; i < to; i++)
        {
            var x = i + 1;
            if ((x & 1023) == 7)
                continue;
            count++;
            sum += x;
        }

        return new Outcome(count, sum);
    }

    private static Outcome Loop5(long from, long to)
    {
        var count = 0L;
        var sum = 0L;
        for (var i = from; i < to; i++)
        {
            var x = i + 1;
            if ((x & 1023) == 7)
                continue;
            x ^= 0x5DEECE66D;
            if ((x & 1023) == 77)
                continue;
            count++;
            sum += x * 3;
        }

        return new Outcome(count, sum);
    }

    private static Outcome Loop10(long from, long to)
    {
        var count = 0L;
        var sum = 0L;
        for (var i = from; i < to; i++)
        {
            var x = i + 1;
            if ((x & 1023) == 7)
                continue;
            x ^= 0x5DEECE66D;
            if ((x & 1023) == 77)
                continue;
            x *= 3;
            if ((x & 2047) == 9)
                continue;
            x -= 5;
            if ((x & 4095) == 11)
                continue;
            x += x >> 3;
            if ((x & 8191) == 13)
                continue;
            count++;
            sum += x;
        }

        return new Outcome(count, sum);
    }

    private readonly struct AddOne : IMapFunction<long, long>
    {
        public long Map(long value) => value + 1;
    }

    private readonly struct Not7 : IFilterFunction<long>
    {
        public bool Keep(long value) => (value & 1023) != 7;
    }

    private readonly struct Flip : IMapFunction<long, long>
    {
        public long Map(long value) => value ^ 0x5DEECE66D;
    }

    private readonly struct Not77 : IFilterFunction<long>
    {
        public bool Keep(long value) => (value & 1023) != 77;
    }

    private readonly struct Triple : IMapFunction<long, long>
    {
        public long Map(long value) => value * 3;
    }

    private readonly struct Not9 : IFilterFunction<long>
    {
        public bool Keep(long value) => (value & 2047) != 9;
    }

    private readonly struct LessFive : IMapFunction<long, long>
    {
        public long Map(long value) => value - 5;
    }

    private readonly struct Not11 : IFilterFunction<long>
    {
        public bool Keep(long value) => (value & 4095) != 11;
    }

    private readonly struct AndAnEighth : IMapFunction<long, long>
    {
        public long Map(long value) => value + (value >> 3);
    }

    private readonly struct Not13 : IFilterFunction<long>
    {
        public bool Keep(long value) => (value & 8191) != 13;
    }
}
