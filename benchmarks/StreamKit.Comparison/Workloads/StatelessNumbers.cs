using System.Reactive.Linq;
using System.Threading.Tasks.Dataflow;

namespace StreamKit.Comparison;

/// <summary>W1: numbers, times three plus one, the even ones, summed.</summary>
internal static class StatelessNumbers
{
    public static Workload W1 { get; } = new("W1", 100_000_000,
    [
        Implementation.Plain(static events => PlainLoop.Run(events, Loop)),
        StreamKitJob.Implementation<long, Numbers>("streamkit-struct", default, static numbers => numbers.Map<TripleAndOne, long>(default).Filter(default(IsEven)).Sum<long, Identity>()),
        StreamKitJob.Implementation<long, Numbers>("streamkit", default, static numbers => numbers.Map(static x => (x * 3) + 1).Filter(static x => (x & 1) == 0).Sum<long, Identity>()),
        Implementation.Synchronous("rx", RunRx, divisor: 2),
        new Implementation("dataflow", static (events, _) => Meter.MeasureAsync(() => RunDataflowAsync(events)), Divisor: 50),
    ]);

    private static Outcome Loop(long from, long to)
    {
        var count = 0L;
        var sum = 0L;
        for (var i = from; i < to; i++)
        {
            var x = (default(Numbers).Make(i) * 3) + 1;
            if ((x & 1) == 0)
            {
                count++;
                sum += x;
            }
        }

        return new Outcome(count, sum);
    }

    private static Outcome RunRx(long events)
    {
        var tally = new Tally<long, Identity>();
        using var running = new Generated<long, Numbers>(default, events).Select(static x => (x * 3) + 1).Where(static x => (x & 1) == 0).Subscribe(tally);
        return tally.Outcome;
    }

    private static Task<Outcome> RunDataflowAsync(long events)
    {
        var map = new TransformBlock<long, long>(static x => (x * 3) + 1, Dataflow.Options);
        return Dataflow.RunAsync<long, Numbers, long, Identity>(default, events, map, sum =>
        {
            map.LinkTo(sum, Dataflow.Propagate, static x => (x & 1) == 0);
            map.LinkTo(DataflowBlock.NullTarget<long>(), static x => (x & 1) != 0); // with the test: a full target is passed over
        });
    }

    private readonly struct TripleAndOne : IMapFunction<long, long>
    {
        public long Map(long value) => (value * 3) + 1;
    }

    private readonly struct IsEven : IFilterFunction<long>
    {
        public bool Keep(long value) => (value & 1) == 0;
    }
}
