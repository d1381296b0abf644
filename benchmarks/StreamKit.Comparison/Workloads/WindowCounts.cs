using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Runtime.InteropServices;

namespace StreamKit.Comparison;

/// <summary>W4: events per key in windows of event time: 100,000 keys, a million events per second, in order.</summary>
internal static class WindowCounts
{
    private const long Keys = 100_000;
    private const int Second = 1000;
    private const int Panes = 10;

    public static Workload Tumbling { get; } = new("W4-tumbling", 40_000_000,
    [
        Implementation.Plain(RunTumbling),
        StreamKitJob.Implementation<Click, Clicks>("streamkit", new Clicks(Keys), static clicks => clicks
            .AssignTimestampsAndWatermarks(static w => w.Monotonous().WithTimestamp(static click => click.At))
            .KeyBy(static click => click.Key)
            .Window(TumblingEventTimeWindows.Of(TimeSpan.FromSeconds(1)))
            .Aggregate("count", new CountClicks(), static (key, window, count) => new WindowCount(key, window.EndMilliseconds, count))
            .Sum<WindowCount, WindowChecksum>()),
        Implementation.Synchronous("rx-dictionary", static events => RunRx(events, static window => window
            .Aggregate(new Dictionary<long, long>(), Count)
            .SelectMany(static counts => counts)), divisor: 4),
        Implementation.Synchronous("rx", static events => RunRx(events, static window => window
            .GroupBy(static click => click.Key)
            .SelectMany(static group => group.Count().Select(count => KeyValuePair.Create(group.Key, (long)count)))), divisor: 20),
    ]);

    public static Workload Sliding { get; } = new("W4-sliding", 40_000_000,
    [
        Implementation.Plain(RunSlidingByPanes),
        StreamKitJob.Implementation<Click, Clicks>("streamkit", new Clicks(Keys), static clicks => clicks
            .AssignTimestampsAndWatermarks(static w => w.Monotonous().WithTimestamp(static click => click.At))
            .KeyBy(static click => click.Key)
            .Window(SlidingEventTimeWindows.Of(TimeSpan.FromSeconds(Panes), TimeSpan.FromSeconds(1)))
            .Aggregate("count", new CountClicks(), static (key, window, count) => new WindowCount(key, window.EndMilliseconds, count))
            .Sum<WindowCount, WindowChecksum>()),
        Implementation.Synchronous("plain-loop-ten-windows", RunSlidingByWindows, divisor: 10),
        Implementation.Synchronous("rx-panes", RunRxSliding, divisor: 10),
    ]);

    private static Outcome RunTumbling(long events)
    {
        var clicks = new Clicks(Keys);
        var counts = new Dictionary<long, long>();
        var tally = new Tally<WindowCount, WindowChecksum>();
        var end = Second;
        PlainLoop.Run(events, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                var click = clicks.Make(i);
                if (click.At >= end)
                {
                    Emit(counts, end, tally);
                    counts.Clear();
                    end += Second;
                }

                CollectionsMarshal.GetValueRefOrAddDefault(counts, click.Key, out _)++;
            }

            return default;
        });
        Emit(counts, end, tally);
        return tally.Outcome;
    }

    private static Outcome RunSlidingByPanes(long events)
    {
        var clicks = new Clicks(Keys);
        var panes = new Queue<Dictionary<long, long>>();
        var totals = new Dictionary<long, long>();
        var pane = new Dictionary<long, long>();
        var tally = new Tally<WindowCount, WindowChecksum>();
        var end = Second;

        void Slide(Dictionary<long, long> finished)
        {
            panes.Enqueue(finished);
            foreach (var (key, count) in finished)
                CollectionsMarshal.GetValueRefOrAddDefault(totals, key, out _) += count;
            Emit(totals, end, tally);
            end += Second;
            if (panes.Count < Panes)
                return;
            foreach (var (key, count) in panes.Dequeue())
            {
                ref var total = ref CollectionsMarshal.GetValueRefOrNullRef(totals, key);
                total -= count;
                if (total == 0)
                    totals.Remove(key);
            }
        }

        PlainLoop.Run(events, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                var click = clicks.Make(i);
                if (click.At >= end)
                {
                    Slide(pane);
                    pane = new Dictionary<long, long>(pane.Count);
                }

                CollectionsMarshal.GetValueRefOrAddDefault(pane, click.Key, out _)++;
            }

            return default;
        });
        Slide(pane);
        for (var i = 1; i < Panes; i++)
            Slide([]);
        return tally.Outcome;
    }

    private static Outcome RunSlidingByWindows(long events)
    {
        var clicks = new Clicks(Keys);
        var windows = new Queue<Dictionary<long, long>>(Enumerable.Range(0, Panes).Select(static _ => new Dictionary<long, long>()));
        var tally = new Tally<WindowCount, WindowChecksum>();
        var end = Second;
        PlainLoop.Run(events, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                var click = clicks.Make(i);
                if (click.At >= end)
                {
                    var oldest = windows.Dequeue();
                    Emit(oldest, end, tally);
                    oldest.Clear();
                    windows.Enqueue(oldest);
                    end += Second;
                }

                foreach (var window in windows)
                    CollectionsMarshal.GetValueRefOrAddDefault(window, click.Key, out _)++;
            }

            return default;
        });
        foreach (var window in windows)
        {
            Emit(window, end, tally);
            end += Second;
        }

        return tally.Outcome;
    }

    private static Outcome RunRx(long events, Func<IObservable<Click>, IObservable<KeyValuePair<long, long>>> count)
    {
        var tally = new Tally<WindowCount, WindowChecksum>();
        var opened = 0L;
        var clicks = ByPane(events, out var panes);
        using var subscribed = panes
            .SelectMany(pane =>
            {
                var end = ++opened * Second;
                return count(pane).Select(each => new WindowCount(each.Key, end, each.Value));
            })
            .Subscribe(tally);
        using var running = clicks.Connect();
        return tally.Outcome;
    }

    private static Outcome RunRxSliding(long events)
    {
        var tally = new Tally<WindowCount, WindowChecksum>();
        var none = Enumerable.Repeat(new Dictionary<long, long>(), Panes - 1).ToArray();
        var clicks = ByPane(events, out var byPane);
        using var subscribed = byPane
            .Select(static pane => pane.Aggregate(new Dictionary<long, long>(), Count))
            .Concat()
            .StartWith(none)
            .Concat(none.ToObservable())
            .Buffer(Panes, 1)
            .Where(static panes => panes.Count == Panes)
            .SelectMany(static (panes, index) => panes
                .Aggregate(new Dictionary<long, long>(), static (totals, pane) => pane.Aggregate(totals, static (sum, each) => Add(sum, each.Key, each.Value)))
                .Select(each => new WindowCount(each.Key, (index + 1L) * Second, each.Value)))
            .Subscribe(tally);
        using var running = clicks.Connect();
        return tally.Outcome;
    }

    /// <summary>An observable per second: a boundary is sent just before the first event behind it. Nothing flows before the events are connected, because the source runs to its end at once.</summary>
    private static IConnectableObservable<Click> ByPane(long events, out IObservable<IObservable<Click>> panes)
    {
        var boundary = new Subject<bool>();
        var end = Second;
        var clicks = new Generated<Click, Clicks>(new Clicks(Keys), events)
            .Do(click =>
            {
                if (click.At >= end)
                {
                    end += Second;
                    boundary.OnNext(true);
                }
            })
            .Publish();
        panes = clicks.Window(boundary);
        return clicks;
    }

    private static void Emit(Dictionary<long, long> counts, long end, Tally<WindowCount, WindowChecksum> tally)
    {
        foreach (var (key, count) in counts)
            tally.OnNext(new WindowCount(key, end, count));
    }

    private static Dictionary<long, long> Count(Dictionary<long, long> counts, Click click) => Add(counts, click.Key, 1);

    private static Dictionary<long, long> Add(Dictionary<long, long> counts, long key, long count)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _) += count;
        return counts;
    }

    private sealed class CountClicks : AggregateFunction<Click, long, long>
    {
        public override long CreateAccumulator() => 0;

        public override long Add(long accumulator, Click value) => accumulator + 1;

        public override long Merge(long left, long right) => left + right;

        public override long GetResult(long accumulator) => accumulator;
    }
}
