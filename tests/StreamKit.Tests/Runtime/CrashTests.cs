using StreamKit.Runtime;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

/// <summary>Jobs that crash at any step, in a simulation: the same seed gives the same crash.</summary>
public class CrashTests
{
    private const int Records = 3_000;
    private const int Keys = 17;
    private static readonly DateTimeOffset s_start = new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<ulong> Seeds { get; } = [.. Enumerable.Range(1, 40).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Job_CrashedAtRandomStepsAndRescaled_GivesTheOutputOfAnUninterruptedRun(ulong seed)
    {
        var random = new JobRandom(seed);
        var store = new InMemoryCheckpointStore();
        var sums = new OutsideWorld<(long Key, long Count, long Sum)>();
        var alarms = new OutsideWorld<string>();
        var now = s_start;
        var crashes = 0;
        var local = new InMemoryLocalState(hotBytes: 200); // hardly any key stays in memory

        while (true)
        {
            var process = new SimulatedJob(random.Next(), now, builder => Describe(builder, store, sums, alarms, 1 + random.Next(4), random.Next(2) == 0 ? local : null));
            var steps = crashes < 12 ? 50 + random.Next(500) : 5_000_000;
            if (process.Step(steps))
            {
                process.Complete();
                break;
            }

            crashes++;
            now = process.Now;
        }

        Assert.True(crashes > 0, "The run must have been interrupted for the test to say anything.");
        Assert.Equal(ExpectedSums().Order(), sums.Committed.Order());
        Assert.Equal(ExpectedAlarms().Order(), alarms.Committed.Order());
        Assert.Equal(0, sums.Prepared);
        Assert.True(local.Used > 0, "No key has left memory in any attempt.");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Job_TakenOverWhileItsRunnerPauses_CommitsNothingTwice(ulong seed)
    {
        var random = new JobRandom(seed);
        var store = new InMemoryCheckpointStore();
        var sums = new OutsideWorld<(long Key, long Count, long Sum)>();
        var alarms = new OutsideWorld<string>();
        var first = new SimulatedJob(random.Next(), s_start, builder => Describe(builder, store, sums, alarms, 2, new InMemoryLocalState(hotBytes: 200)));
        first.Step(100 + random.Next(400));

        var second = new SimulatedJob(random.Next(), s_start, builder => Describe(builder, store, sums, alarms, 3, null));
        while (!first.HasEnded || !second.HasEnded)
        {
            // The first one is a zombie that wakes now and then.
            second.Step(random.Next(60));
            first.Step(random.Next(50));
        }

        Assert.IsType<JobFencedException>(first.Run.Exception?.InnerException);
        Assert.Equal(JobStatus.Finished, second.Job.Status);
        Assert.Equal(ExpectedSums().Order(), sums.Committed.Order());
        Assert.Equal(ExpectedAlarms().Order(), alarms.Committed.Order());
    }

    private static void Describe(StreamJobBuilder builder, InMemoryCheckpointStore store, OutsideWorld<(long Key, long Count, long Sum)> sums, OutsideWorld<string> alarms, int parallelism, IStateBackend? backend)
    {
        builder.Parallelism = parallelism;
        if (backend is not null)
            builder.UseStateBackend(backend);
        builder.UseCheckpoints(store, TimeSpan.FromMilliseconds(40));
        var byKey = builder
            .FromSource("numbers", Source.Range(0, Records).WithRateLimit(5_000))
            .AssignTimestampsAndWatermarks(w => w.BoundedOutOfOrderness(TimeSpan.FromMilliseconds(500)).WithTimestamp(x => x))
            .KeyBy(x => x % Keys);
        byKey.Scan("sums", () => (Key: 0L, Count: 0L, Sum: 0L), (state, x) => (x % Keys, state.Count + 1, state.Sum + x))
            .Map(each => each.Count == CountOf(each.Key) ? each : each with { Sum = 0 }) // on the way there it depends on the order of arrival
            .SinkTo("sums-out", sums.AsSink());
        byKey.Process("alarms", () => new BucketSums()).SinkTo("alarms-out", alarms.AsSink());
    }

    private static IEnumerable<long> RecordsOf(long key) => Enumerable.Range(0, Records).Select(x => (long)x).Where(x => x % Keys == key);

    private static long CountOf(long key) => (Records - key + Keys - 1) / Keys;

    private static IEnumerable<(long Key, long Count, long Sum)> ExpectedSums() =>
        from key in Enumerable.Range(0, Keys)
        from count in Enumerable.Range(1, (int)CountOf(key))
        select ((long)key, (long)count, count == CountOf(key) ? RecordsOf(key).Sum() : 0L);

    private static IEnumerable<string> ExpectedAlarms() =>
        from key in Enumerable.Range(0, Keys)
        from bucket in RecordsOf(key).GroupBy(BucketSums.BucketOf)
        select $"{key}@{bucket.Key}={bucket.Sum()}";

    /// <summary>Sums per key and 100 ms, emitted by a timer at the end of each.</summary>
    private sealed class BucketSums : KeyedProcessFunction<long, long, string>
    {
        private MapState<long, long> _sums = null!; // set in Open
        private ValueState<int> _open = null!; // set in Open

        public static long BucketOf(long x) => x / 100 * 100;

        public override void Open(OperatorContext context)
        {
            _sums = context.State.Map<long, long>("sums");
            _open = context.State.Value<int>("open");
        }

        public override void Process(long value, Context context)
        {
            var bucket = BucketOf(value);
            if (!_sums.TryGetValue(bucket, out var sum))
                _open.Value++;
            _sums[bucket] = sum + value;
            context.Timers.RegisterEventTime(bucket + 99);
        }

        public override void OnTimer(long timestamp, Context context)
        {
            var bucket = BucketOf(timestamp);
            context.Collect($"{context.Key}@{bucket}={_sums[bucket]}");
            _sums.Remove(bucket);
            if (--_open.Value == 0)
                _open.Clear();
        }
    }
}
