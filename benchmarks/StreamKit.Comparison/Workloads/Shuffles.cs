using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using System.Runtime.InteropServices;

namespace StreamKit.Comparison;

/// <summary>Two producers to two consumers: dealt out in turn, and by key into a count per key.</summary>
internal static class Shuffles
{
    private const int Sides = PlainShuffle<Counter, InTurn>.Sides;
    private const long Keys = 1024;

    public static IEnumerable<Workload> All { get; } =
    [
        new("shuffle-rebalance", 200_000_000,
        [
            Implementation.Plain(static events => PlainShuffle<Counter, InTurn>.Run(events)),
            StreamKitJob.Implementation<long, Counter>("streamkit", default, static x => x.Rebalance().Map(static x => x + 1).Sum<long, Identity>(), Sides),
            Implementation.Synchronous("rx", RunRx, divisor: 40),
        ]),
        new("shuffle-key", 100_000_000,
        [
            Implementation.Plain(static events => PlainShuffle<Numbers, CountByKey>.Run(events)),
            StreamKitJob.Implementation<long, Numbers>("streamkit", default, static x => x.KeyBy(static x => x & (Keys - 1)).Scan("count", static () => 0L, static (count, _) => count + 1).Sum<long, Identity>(), Sides),
            Implementation.Synchronous("rx", RunRxByKey, divisor: 40),
        ]),
    ];

    private static long KeyOf(long x) => x & (Keys - 1);

    /// <summary>Rx deals out records one by one: each consumer observes on a thread of its own.</summary>
    private static Outcome RunRx(long events) => RunRx(
        events, default(Counter), static (source, side) => source.Where(x => (x & 1) == side), static mine => mine.Select(static x => x + 1));

    private static Outcome RunRxByKey(long events) => RunRx(
        events, default(Numbers), static (source, side) => source.Where(x => (KeyOf(x) & 1) == side), static mine =>
        {
            var counts = new Dictionary<long, long>();
            return mine.Select(x => ++CollectionsMarshal.GetValueRefOrAddDefault(counts, KeyOf(x), out _));
        });

    private static Outcome RunRx<TGenerator>(
        long events, TGenerator generator, Func<IObservable<long>, int, IObservable<long>> choose, Func<IObservable<long>, IObservable<long>> consume)
        where TGenerator : struct, IGenerator<long>
    {
        var tally = new Tally<long, Identity>[Sides];
        var ends = new Task[Sides];
        var source = new Generated<long, TGenerator>(generator, events).Publish();
        var threads = Enumerable.Range(0, Sides).Select(static _ => new EventLoopScheduler()).ToArray();
        for (var side = 0; side < Sides; side++)
        {
            tally[side] = new Tally<long, Identity>();
            ends[side] = consume(choose(source, side).ObserveOn(threads[side])).Do(tally[side]).LastOrDefaultAsync().ToTask();
        }

        using var running = source.Connect();
        Task.WaitAll(ends);
        foreach (var thread in threads)
            thread.Dispose();
        return new Outcome(tally.Sum(static each => each.Outcome.Count), tally.Sum(static each => each.Outcome.Sum));
    }

    private struct InTurn : IShuffleStep
    {
        private long _turn;

        public int Choose(long value) => (int)(_turn++ & 1);

        public readonly long Apply(long value) => value + 1;
    }

    private readonly struct CountByKey : IShuffleStep
    {
        private readonly Dictionary<long, long> _counts = [];

        public CountByKey()
        {
        }

        public int Choose(long value) => (int)(KeyOf(value) & 1);

        public long Apply(long value) => ++CollectionsMarshal.GetValueRefOrAddDefault(_counts, KeyOf(value), out _);
    }
}
