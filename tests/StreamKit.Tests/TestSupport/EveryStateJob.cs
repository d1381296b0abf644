namespace StreamKit.Tests.TestSupport;

/// <summary>
/// A job with state of every kind: values, lists, maps, reducing and aggregating state, timers, windows of accumulators and of elements, operator
/// lists, source positions. What it commits does not depend on how subtasks take turns.
/// </summary>
internal sealed class EveryStateJob
{
    public const int Records = 2_000;
    public const int Keys = 17;
    private const int HeldBack = 200;

    private readonly OutsideWorld<(long Key, long Count, long Sum)> _sums = new();
    private readonly OutsideWorld<string> _buckets = new();
    private readonly OutsideWorld<string> _windows = new();
    private readonly OutsideWorld<string> _contents = new();
    private readonly OutsideWorld<long> _held = new();

    /// <summary>Everything committed, as lines.</summary>
    public IReadOnlyList<string> Committed =>
        [.. _sums.Committed.Select(each => $"sum {each}"), .. _buckets.Committed, .. _windows.Committed, .. _contents.Committed, .. _held.Committed.Where(IsSureToLeave).Select(each => $"held {each}")];

    public int Prepared => _sums.Prepared + _buckets.Prepared + _windows.Prepared + _contents.Prepared + _held.Prepared;

    /// <summary>What an uninterrupted run commits.</summary>
    public static IReadOnlyList<string> Expected { get; } =
    [
        .. All.GroupBy(KeyOf).SelectMany(static key => Enumerable.Range(1, key.Count()).Select(count => $"sum {(key.Key, (long)count, count == key.Count() ? key.Sum() : 0L)}")),
        .. All.GroupBy(static x => (Key: KeyOf(x), Bucket: Buckets.BucketOf(x))).Select(static each => Buckets.Line(each.Key.Key, each.Key.Bucket, each.Count(), each.Sum(), each.Max())),
        .. All.GroupBy(static x => (Key: KeyOf(x), Window: x / 250)).SelectMany(static each => new[] { $"window {each.Key.Key}@{each.Key.Window}={each.Sum()}", $"contents {each.Key.Key}@{each.Key.Window}={each.Count()}" }),
        .. All.Where(IsSureToLeave).Select(static x => $"held {x}"),
    ];

    private static IEnumerable<long> All => Enumerable.Range(0, Records).Select(static x => (long)x);

    public void Describe(StreamJobBuilder builder, ICheckpointStore store, int parallelism)
    {
        builder.Parallelism = parallelism;
        builder.UseCheckpoints(store, TimeSpan.FromMilliseconds(40));
        var numbers = builder
            .FromSource("numbers", Source.Range(0, Records).WithRateLimit(5_000))
            .AssignTimestampsAndWatermarks(w => w.BoundedOutOfOrderness(TimeSpan.FromMilliseconds(300)).WithTimestamp(x => x));
        var byKey = numbers.KeyBy(KeyOf);
        byKey.Scan("sums", () => (Key: 0L, Count: 0L, Sum: 0L), (state, x) => (KeyOf(x), state.Count + 1, state.Sum + x))
            .Map(each => each.Count == CountOf(each.Key) ? each : each with { Sum = 0 }) // on the way there it depends on the order of arrival
            .SinkTo("sums-out", _sums.AsSink());
        byKey.Process("buckets", () => new Buckets()).SinkTo("buckets-out", _buckets.AsSink());
        var windows = byKey.Window(TumblingEventTimeWindows.Of(TimeSpan.FromMilliseconds(250)));
        windows.Reduce("window-sums", (left, right) => left + right, (key, window, sum) => $"window {key}@{window.StartMilliseconds / 250}={sum}").SinkTo("windows-out", _windows.AsSink());
        windows.Process("window-contents", () => new Contents()).SinkTo("contents-out", _contents.AsSink());
        numbers.Process("held", () => new HoldBack()).SinkTo("held-out", _held.AsSink());
    }

    private static long KeyOf(long x) => x % Keys;

    private static long CountOf(long key) => (Records - key + Keys - 1) / Keys;

    /// <summary>The last ones stay in the list, and how many these are depends on the parallelism.</summary>
    private static bool IsSureToLeave(long x) => x < Records - (3 * HeldBack);

    /// <summary>Per key and 100 ms what a timer emits: from a map the sum, from a list the count, from reducing state the largest so far.</summary>
    private sealed class Buckets : KeyedProcessFunction<long, long, string>
    {
        private MapState<long, long> _sums = null!; // set in Open, as the others
        private ListState<long> _seen = null!;
        private MapState<long, long> _largest = null!;
        private ValueState<int> _open = null!;
        private ReducingState<long> _all = null!;
        private AggregatingState<long, double> _average = null!;
        private ValueState<string> _ballast = null!;

        public static long BucketOf(long x) => x / 100 * 100;

        public static string Line(long key, long bucket, int count, long sum, long largest) => $"bucket {key}@{bucket}={sum} of {count}, up to {largest}";

        public override void Open(OperatorContext context)
        {
            _sums = context.State.Map<long, long>("sums");
            _seen = context.State.List<long>("seen");
            _largest = context.State.Map<long, long>("largest");
            _open = context.State.Value<int>("open");
            _all = context.State.Reducing<long>("all", (left, right) => left + right);
            _average = context.State.Aggregating("average", new AverageFunction());
            _ballast = context.State.Value<string>("ballast");
        }

        public override void Process(long value, Context context)
        {
            var bucket = BucketOf(value);
            if (!_sums.TryGetValue(bucket, out var sum))
                _open.Value++;
            _sums[bucket] = sum + value;
            _largest[bucket] = _largest.TryGetValue(bucket, out var largest) ? Math.Max(largest, value) : value;
            _seen.Add(value);
            _all.Add(value);
            _average.Add(value);
            // More than a manifest carries, so that there are stored segments.
            if (!_ballast.HasValue)
                _ballast.Value = new string((char)('a' + context.Key), 6_000);
            context.Timers.RegisterEventTime(bucket + 99);
        }

        public override void OnTimer(long timestamp, Context context)
        {
            var bucket = BucketOf(timestamp);
            var others = _seen.Where(x => BucketOf(x) != bucket).ToList();
            if (_ballast.Value is not { Length: 6_000 } ballast || ballast[0] != 'a' + context.Key)
                throw new InvalidOperationException($"Key {context.Key} has the ballast of another.");
            context.Collect(Line(context.Key, bucket, _seen.Count - others.Count, _sums[bucket], _largest[bucket]));
            _seen.Clear();
            foreach (var other in others)
                _seen.Add(other);
            _sums.Remove(bucket);
            _largest.Remove(bucket);
            if (--_open.Value == 0)
                _open.Clear();
        }
    }

    private sealed class AverageFunction : AggregateFunction<long, (long Count, long Sum), double>
    {
        public override (long Count, long Sum) CreateAccumulator() => default;

        public override (long Count, long Sum) Add((long Count, long Sum) accumulator, long value) => (accumulator.Count + 1, accumulator.Sum + value);

        public override double GetResult((long Count, long Sum) accumulator) => (double)accumulator.Sum / accumulator.Count;

        public override (long Count, long Sum) Merge((long Count, long Sum) left, (long Count, long Sum) right) => (left.Count + right.Count, left.Sum + right.Sum);
    }

    private sealed class Contents : ProcessWindowFunction<long, long, string>
    {
        public override void Process(long key, TimeWindow window, IReadOnlyList<long> elements, Context context) =>
            context.Collect($"contents {key}@{window.StartMilliseconds / 250}={elements.Count}");
    }

    /// <summary>Keeps records in a list of its own until later ones have come.</summary>
    private sealed class HoldBack : ProcessFunction<long, long>
    {
        private OperatorListState<long> _held = null!; // set in Open

        public override void Open(OperatorContext context) => _held = context.ListState<long>("held");

        public override void Process(long value, Context context)
        {
            _held.Items.Add(value);
            for (var i = _held.Items.Count - 1; i >= 0; i--)
            {
                if (_held.Items[i] > value - HeldBack)
                    continue;
                context.Collect(_held.Items[i]);
                _held.Items.RemoveAt(i);
            }
        }
    }
}
