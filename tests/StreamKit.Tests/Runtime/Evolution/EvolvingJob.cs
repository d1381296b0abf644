using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime.Evolution;

/// <summary>A job that keeps rows in every kind of state, whatever their version, and says at the end of each key and window what has become of them.</summary>
internal static class EvolvingJob
{
    public const int Records = 2_000;
    public const int Keys = 13;
    private const int WindowLength = 100;

    public static void Describe<T>(StreamJobBuilder builder, InMemoryCheckpointStore store, IReadOnlyDictionary<string, OutsideWorld<string>> world, int parallelism)
        where T : IRow<T>
    {
        builder.Parallelism = parallelism;
        builder.RestartStrategy = RestartStrategy.None;
        builder.UseCheckpoints(store, TimeSpan.FromMilliseconds(40));
        var byKey = builder
            .FromSource("numbers", Source.Range(0, Records).WithRateLimit(5_000))
            .AssignTimestampsAndWatermarks(w => w.BoundedOutOfOrderness(TimeSpan.FromMilliseconds(500)).WithTimestamp(x => x))
            .KeyBy(x => x % Keys);
        byKey.Scan("scan", () => (Count: 0, Row: T.Make(-1, 0)), (state, x) => (state.Count + 1, state.Count == 0 ? T.Make(x % Keys, x) : state.Row.With(state.Row.Value + x)))
            .Filter(each => each.Count == CountOf(each.Row.Owner))
            .Map(each => $"scan {each.Row.Owner} {each.Row.Value} {each.Row.Faults}")
            .SinkTo("scan-out", world["scan"].AsSink());
        byKey.Process("states", () => new States<T>()).SinkTo("states-out", world["states"].AsSink());
        var windows = byKey.Window(TumblingEventTimeWindows.Of(TimeSpan.FromMilliseconds(WindowLength)));
        windows.Aggregate("aggregated", new Latest<T>(), (key, window, row) => $"aggregated {key} {window.Start.ToUnixTimeMilliseconds()} {row.Value} {row.Faults}").SinkTo("aggregated-out", world["aggregated"].AsSink());
        builder
            .FromSource("rows", Source.Range(0, Records).WithRateLimit(5_000))
            .AssignTimestampsAndWatermarks(w => w.BoundedOutOfOrderness(TimeSpan.FromMilliseconds(500)).WithTimestamp(x => x))
            .Map(x => T.Make(x % Keys, x))
            .KeyBy(row => row.Owner)
            .Window(TumblingEventTimeWindows.Of(TimeSpan.FromMilliseconds(WindowLength)))
            .Process("processed", () => new Listing<T>())
            .SinkTo("processed-out", world["processed"].AsSink());
    }

    /// <summary>A place for the output of each of the job's sinks.</summary>
    public static IReadOnlyDictionary<string, OutsideWorld<string>> NewWorld() =>
        new[] { "scan", "states", "aggregated", "processed" }.ToDictionary(static sink => sink, static _ => new OutsideWorld<string>());

    /// <summary>What an uninterrupted run says.</summary>
    public static IEnumerable<string> Expected()
    {
        for (long key = 0; key < Keys; key++)
        {
            var own = Enumerable.Range(0, Records).Select(static x => (long)x).Where(x => x % Keys == key).ToList();
            yield return $"scan {key} {own.Sum()} ";
            yield return $"states {key} {own.Sum()} {own.Sum()} {own.Sum()} {own.Sum()} {own.Max()} {own.Sum()} ";
            foreach (var window in own.GroupBy(static x => x / WindowLength * WindowLength))
            {
                yield return $"aggregated {key} {window.Key} {window.Max()} ";
                yield return $"processed {key} {window.Key} {window.Sum()} ";
            }
        }
    }

    private static long CountOf(long key) => (Records - key + Keys - 1) / Keys;

    private sealed class States<T> : KeyedProcessFunction<long, long, string>
        where T : IRow<T>
    {
        private ValueState<long> _count = null!; // all of them are set in Open
        private ValueState<T> _value = null!;
        private ValueState<T> _timed = null!;
        private ListState<T> _list = null!;
        private MapState<int, T> _map = null!;
        private ReducingState<T> _reduced = null!;
        private AggregatingState<long, T> _aggregated = null!;

        public override void Open(OperatorContext context)
        {
            _count = context.State.Value<long>("count");
            _value = context.State.Value<T>("value");
            _timed = context.State.Value<T>("timed", StateTtl.After(TimeSpan.FromDays(1)));
            _list = context.State.List<T>("list");
            _map = context.State.Map<int, T>("map");
            _reduced = context.State.Reducing<T>("reduced", static (kept, row) => kept.Value > row.Value ? kept : row);
            _aggregated = context.State.Aggregating("aggregated", new Adding<T>());
        }

        public override void Process(long x, Context context)
        {
            _value.Value = _value.TryGet(out var value) ? value.With(value.Value + x) : T.Make(context.Key, x);
            _timed.Value = _timed.TryGet(out var timed) ? timed.With(timed.Value + x) : T.Make(context.Key, x);
            _list.Add(T.Make(context.Key, x));
            var entry = (int)(x / Keys % 120);
            _map[entry] = _map.TryGetValue(entry, out var row) ? row.With(row.Value + x) : T.Make(context.Key, x);
            _reduced.Add(T.Make(context.Key, x));
            _aggregated.Add(x);
            if (++_count.Value < CountOf(context.Key))
                return;

            Assert.True(_reduced.TryGet(out var most) & _aggregated.TryGet(out var sum));
            List<T> rows = [_value.Value!, _timed.Value!, .. _list, .. _map.Select(static each => each.Value), most!, sum!]; // all were added to just now
            var totals = $"{_value.Value!.Value} {_timed.Value!.Value} {_list.Sum(static each => each.Value)} {_map.Sum(static each => each.Value.Value)} {most!.Value} {sum!.Value}"; // as above
            context.Collect($"states {context.Key} {totals} {string.Concat(rows.Select(static each => each.Faults))}");
        }
    }

    private sealed class Adding<T> : AggregateFunction<long, T, T>
        where T : IRow<T>
    {
        public override T CreateAccumulator() => T.Make(-1, 0);

        public override T Add(T accumulator, long value) => accumulator.Owner < 0 ? T.Make(value % Keys, value) : accumulator.With(accumulator.Value + value);

        public override T GetResult(T accumulator) => accumulator;

        public override T Merge(T left, T right) => left.With(left.Value + right.Value);
    }

    private sealed class Latest<T> : AggregateFunction<long, T, T>
        where T : IRow<T>
    {
        public override T CreateAccumulator() => T.Make(-1, -1);

        public override T Add(T accumulator, long value) => value > accumulator.Value ? T.Make(value % Keys, value) : accumulator;

        public override T GetResult(T accumulator) => accumulator;

        public override T Merge(T left, T right) => left.Value > right.Value ? left : right;
    }

    private sealed class Listing<T> : ProcessWindowFunction<long, T, string>
        where T : IRow<T>
    {
        public override void Process(long key, TimeWindow window, IReadOnlyList<T> elements, Context context) =>
            context.Collect($"processed {key} {window.Start.ToUnixTimeMilliseconds()} {elements.Sum(static each => each.Value)} {string.Concat(elements.Select(static each => each.Faults))}");
    }
}
