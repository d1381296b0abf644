using System.Reactive.Linq;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Dataflow;

namespace StreamKit.Comparison;

/// <summary>W3: the running sum of each key, emitted for every event.</summary>
internal static class RunningSums
{
    public static IEnumerable<Workload> All { get; } =
    [
        Create("W3-1k", 1_000, 100_000_000),
        Create("W3-100k", 100_000, 60_000_000),
        Create("W3-10m", 10_000_000, 60_000_000),
    ];

    private static Workload Create(string name, long keys, long events)
    {
        var values = new KeyedValues(keys);
        var isLarge = keys > 1_000_000;
        List<Implementation> implementations =
        [
            Implementation.Plain(count => RunPlain(values, count)),
            StreamKitJob.Implementation<KeyedValue, KeyedValues>("streamkit", values, static stream => stream.KeyBy(static x => x.Key).Scan("running-sum", static () => 0L, static (sum, x) => sum + x.Value).Sum<long, Identity>()),
            Implementation.Synchronous("rx-dictionary", count => RunRxWithDictionary(values, count), divisor: isLarge ? 1 : 4),
        ];
        if (!isLarge)
            implementations.Add(Implementation.Synchronous("rx", count => RunRx(values, count), divisor: 20));
        implementations.Add(new Implementation("dataflow", (count, _) => Meter.MeasureAsync(() => RunDataflowAsync(values, count)), Divisor: 50));
        return new Workload(name, events, implementations, isLarge ? 1 : int.MaxValue);
    }

    /// <summary>The plain loop, whatever the keys.</summary>
    public static Outcome RunPlain<TGenerator>(TGenerator values, long events)
        where TGenerator : struct, IGenerator<KeyedValue>
    {
        var sums = new Dictionary<long, long>();
        return PlainLoop.Run(events, (from, to) =>
        {
            var total = 0L;
            for (var i = from; i < to; i++)
            {
                var value = values.Make(i);
                ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, value.Key, out _);
                sum += value.Value;
                total += sum;
            }

            return new Outcome(to - from, total);
        });
    }

    private static Outcome RunRxWithDictionary(KeyedValues values, long events)
    {
        var sums = new Dictionary<long, long>();
        var tally = new Tally<long, Identity>();
        using var running = new Generated<KeyedValue, KeyedValues>(values, events).Select(value => Add(sums, value)).Subscribe(tally);
        return tally.Outcome;
    }

    private static Outcome RunRx(KeyedValues values, long events)
    {
        var tally = new Tally<long, Identity>();
        using var running = new Generated<KeyedValue, KeyedValues>(values, events)
            .GroupBy(static value => value.Key)
            .SelectMany(static group => group.Scan(0L, static (sum, value) => sum + value.Value))
            .Subscribe(tally);
        return tally.Outcome;
    }

    private static Task<Outcome> RunDataflowAsync(KeyedValues values, long events)
    {
        var sums = new Dictionary<long, long>();
        var scan = new TransformBlock<KeyedValue, long>(value => Add(sums, value), Dataflow.Options);
        return Dataflow.RunAsync<KeyedValue, KeyedValues, long, Identity>(values, events, scan, tally => scan.LinkTo(tally, Dataflow.Propagate));
    }

    private static long Add(Dictionary<long, long> sums, KeyedValue value)
    {
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, value.Key, out _);
        return sum += value.Value;
    }
}
