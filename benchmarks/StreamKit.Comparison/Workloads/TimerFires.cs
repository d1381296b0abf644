using System.Reactive.Concurrency;

namespace StreamKit.Comparison;

/// <summary>Each event registers a timer of its key for one second later; the timers fire as event time passes.</summary>
internal static class TimerFires
{
    private const long Keys = 100_000;
    private const long Delay = 1000;

    public static Workload Timers { get; } = new("timers", 20_000_000,
    [
        Implementation.Plain(RunHeap),
        StreamKitJob.Implementation<Click, Clicks>("streamkit", new Clicks(Keys), static clicks => clicks
            .AssignTimestampsAndWatermarks(static w => w.Monotonous().WithTimestamp(static click => click.At))
            .KeyBy(static click => click.Key)
            .Process("timers", static () => new RegisterAndFire())
            .Sum<Click, ClickChecksum>()),
        Implementation.Synchronous("rx", RunRx, divisor: 10),
    ]);

    /// <summary>A binary heap, and a set because the same timer may be registered twice.</summary>
    private static Outcome RunHeap(long events)
    {
        var clicks = new Clicks(Keys);
        var heap = new PriorityQueue<Click, long>();
        var known = new HashSet<Click>();
        var tally = new Tally<Click, ClickChecksum>();
        var now = 0L;
        PlainLoop.Run(events, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                var click = clicks.Make(i);
                if (click.At > now)
                {
                    now = click.At;
                    Fire(heap, known, now - 1, tally);
                }

                var timer = click with { At = click.At + Delay };
                if (known.Add(timer))
                    heap.Enqueue(timer, timer.At);
            }

            return default;
        });
        Fire(heap, known, long.MaxValue, tally);
        return tally.Outcome;
    }

    private static void Fire(PriorityQueue<Click, long> heap, HashSet<Click> known, long through, Tally<Click, ClickChecksum> tally)
    {
        while (heap.TryPeek(out var timer, out var at) && at <= through)
        {
            heap.Dequeue();
            known.Remove(timer);
            tally.OnNext(timer);
        }
    }

    /// <summary>Rx schedules in virtual time.</summary>
    private static Outcome RunRx(long events)
    {
        var clicks = new Clicks(Keys);
        var scheduler = new HistoricalScheduler(DateTimeOffset.UnixEpoch);
        var known = new HashSet<Click>();
        var tally = new Tally<Click, ClickChecksum>();
        var now = 0L;
        PlainLoop.Run(events, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                var click = clicks.Make(i);
                if (click.At > now)
                {
                    now = click.At;
                    scheduler.AdvanceTo(DateTimeOffset.FromUnixTimeMilliseconds(now - 1));
                }

                var timer = click with { At = click.At + Delay };
                if (known.Add(timer))
                {
                    scheduler.ScheduleAbsolute(timer, DateTimeOffset.FromUnixTimeMilliseconds(timer.At), (_, fired) =>
                    {
                        known.Remove(fired);
                        tally.OnNext(fired);
                        return System.Reactive.Disposables.Disposable.Empty;
                    });
                }
            }

            return default;
        });
        scheduler.Start();
        return tally.Outcome;
    }

    private sealed class RegisterAndFire : KeyedProcessFunction<long, Click, Click>
    {
        public override void Process(Click value, Context context) => context.Timers.RegisterEventTime(value.At + Delay);

        public override void OnTimer(long timestamp, Context context) => context.Collect(new Click(context.Key, timestamp));
    }

    private readonly struct ClickChecksum : IProjection<Click>
    {
        public static long Of(Click value) => value.Key * 1_000_003 + value.At;
    }
}
