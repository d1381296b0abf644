using StreamKit.Runtime;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

/// <summary>
/// Windows that fire again for late records, and timers of both kinds of time, in jobs that crash at any step, in a simulation. The same seed gives the same
/// crashes; <c>STREAMKIT_SEED</c> is the first one.
/// </summary>
/// <remarks>
/// When a record is late, and when a timer fires by the clock, depends on how subtasks take turns. What does not: a window's results count one record more
/// each time, up to all of them; a record is in its window or late, never both; the flushes of a key are numbered without gap, and add up to its records.
/// So each is checked for having been committed once.
/// </remarks>
public class WindowCrashTests
{
    private const int Records = 2_000;
    private const int Keys = 11;
    private const int Bound = 10;
    private const int Disorder = 160;
    private const int Crashes = 10;
    private static readonly DateTimeOffset s_start = new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly int s_firstSeed = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_SEED") ?? "1", null);
    private static readonly OutputTag<long> s_late = new("late");
    private static readonly Lazy<World> s_uninterrupted = new(RunUninterrupted);

    public static TheoryData<ulong> Seeds { get; } = [.. Enumerable.Range(s_firstSeed, 40).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Job_CrashedRescaledAndTakenOver_GivesTheOutputOfAnUninterruptedRun(ulong seed)
    {
        var random = new JobRandom(seed);
        var store = new InMemoryCheckpointStore();
        var world = new World();
        var zombies = new List<SimulatedJob>();
        var now = s_start;
        for (var crashes = 0; ; crashes++)
        {
            var process = new SimulatedJob(random.Next(), now, builder => Describe(builder, store, world, 1 + random.Next(4)));
            var hasEnded = Run(process, zombies, random, crashes < Crashes ? 50 + random.Next(500) : 500_000);
            if (hasEnded && !IsFenced(process)) // a predecessor that was slow to claim the job may take it over
            {
                process.Complete();
                Assert.True(crashes > 0, "The run must have been interrupted for the test to say anything.");
                break;
            }

            now = process.Now;
            if (!hasEnded && random.Next(2) == 0)
                zombies.Add(process); // it was only slow, and goes on without knowing of the next one
        }

        foreach (var zombie in zombies)
        {
            while (!zombie.Step(1_000))
            {
            }

            // One that claims the job only now finds it finished.
            Assert.True(IsFenced(zombie) || zombie.Job.Status == JobStatus.Finished, $"A zombie ended as {zombie.Job.Status}: {zombie.Run.Exception}");
        }

        world.AssertExactlyOnce();
        AssertSameAsUninterrupted(world);
    }

    private static bool IsFenced(SimulatedJob process) => process.Run.Exception?.InnerException is JobFencedException;

    /// <summary>Lets a process run, and those that it replaced now and then.</summary>
    /// <returns>True when it has ended.</returns>
    private static bool Run(SimulatedJob process, List<SimulatedJob> zombies, JobRandom random, int steps)
    {
        while (steps > 0)
        {
            var some = Math.Min(steps, 1 + random.Next(60));
            steps -= some;
            if (process.Step(some))
                return true;
            if (zombies.Count > 0)
                zombies[random.Next(zombies.Count)].Step(random.Next(40));
        }

        return false;
    }

    private static World RunUninterrupted()
    {
        var world = new World();
        new SimulatedJob(1, s_start, builder => Describe(builder, new InMemoryCheckpointStore(), world, 2)).Complete();
        world.AssertExactlyOnce();
        Assert.NotEmpty(world.Late.Committed);
        return world;
    }

    private static void AssertSameAsUninterrupted(World world)
    {
        var uninterrupted = s_uninterrupted.Value;
        Assert.Equal(uninterrupted.Tumbling.Final(), world.Tumbling.Final());
        Assert.Equal(uninterrupted.Sliding.Final(), world.Sliding.Final());
        Assert.Equal(uninterrupted.Buckets.Committed.Order(), world.Buckets.Committed.Order());
    }

    private static void Describe(StreamJobBuilder builder, InMemoryCheckpointStore store, World world, int parallelism)
    {
        builder.Parallelism = parallelism;
        builder.RestartStrategy = RestartStrategy.None; // what fails in here is the engine
        builder.UseCheckpoints(store, TimeSpan.FromMilliseconds(40));
        var byKey = builder
            .FromSource("numbers", Source.Range(0, Records).WithRateLimit(5_000))
            .AssignTimestampsAndWatermarks(w => w.BoundedOutOfOrderness(TimeSpan.FromMilliseconds(Bound)).WithTimestamp(TimestampOf))
            .KeyBy(KeyOf);
        byKey.Window(TumblingEventTimeWindows.Of(TimeSpan.FromMilliseconds(100)))
            .AllowedLateness(TimeSpan.FromMilliseconds(Disorder))
            .Aggregate("tumbling", new CountAndSum(), (key, window, result) => new WindowResult(key, window.EndMilliseconds, result.Count, result.Sum))
            .SinkTo("tumbling-out", world.Tumbling.Results.AsSink());
        byKey.Window(SlidingEventTimeWindows.Of(TimeSpan.FromMilliseconds(150), TimeSpan.FromMilliseconds(60)))
            .AllowedLateness(TimeSpan.FromMilliseconds(Disorder))
            .Process("sliding", () => new Contents())
            .SinkTo("sliding-out", world.Sliding.Results.AsSink());
        var strict = byKey.Window(TumblingEventTimeWindows.Of(TimeSpan.FromMilliseconds(100)))
            .AllowedLateness(TimeSpan.FromMilliseconds(Bound))
            .LateSideOutput(s_late)
            .Reduce("strict", static (left, right) => left + right, static (key, window, sum) => new WindowResult(key, window.EndMilliseconds, sum, sum));
        strict.SinkTo("strict-out", world.Strict.Results.AsSink());
        strict.SideOutput(s_late).SinkTo("late-out", world.Late.AsSink());
        var timers = byKey.Process("timers", () => new Timers());
        timers.SinkTo("flushes-out", world.Flushes.AsSink());
        timers.SideOutput(Timers.Buckets).SinkTo("buckets-out", world.Buckets.AsSink());
    }

    private static long KeyOf(long x) => x % Keys;

    // Out of order by more than the watermark allows for, but by less than windows are kept.
    private static long TimestampOf(long x) => x - (x * 7919 % (Disorder + 1));

    private static IEnumerable<long> All { get; } = [.. Enumerable.Range(0, Records).Select(static x => (long)x)];

    private readonly record struct WindowResult(long Key, long End, long Count, long Sum);

    private readonly record struct Flush(long Key, int Number, int Count);

    /// <summary>What was committed outside the job.</summary>
    private sealed class World
    {
        public WindowOutput Tumbling { get; } = new(size: 100, slide: 100);

        public WindowOutput Sliding { get; } = new(size: 150, slide: 60);

        /// <summary>Windows that are not kept long enough; a result's count is its sum, which rises, too.</summary>
        public WindowOutput Strict { get; } = new(size: 100, slide: 100);

        public OutsideWorld<long> Late { get; } = new();

        public OutsideWorld<Flush> Flushes { get; } = new();

        public OutsideWorld<string> Buckets { get; } = new();

        public void AssertExactlyOnce()
        {
            Tumbling.AssertExactlyOnce();
            Sliding.AssertExactlyOnce();
            Strict.AssertNoneTwice();
            Assert.Equal(Late.Committed.Count, Late.Committed.Distinct().Count());
            for (var key = 0; key < Keys; key++)
                Assert.Equal(All.Where(x => KeyOf(x) == key).Sum(), Strict.Final().Where(result => result.Key == key).Sum(static result => result.Sum) + Late.Committed.Where(x => KeyOf(x) == key).Sum());
            var buckets = All.GroupBy(static x => (Key: KeyOf(x), Start: Timers.BucketOf(x))).Select(static bucket => $"{bucket.Key.Key}@{bucket.Key.Start}={bucket.Sum()}");
            Assert.Equal(buckets.Order(), Buckets.Committed.Order());
            foreach (var key in Flushes.Committed.GroupBy(static flush => flush.Key))
            {
                Assert.Equal(Enumerable.Range(0, key.Count()), key.Select(static flush => flush.Number).Order());
                Assert.Equal(All.Count(x => KeyOf(x) == key.Key), key.Sum(static flush => flush.Count));
            }

            Assert.Equal(Keys, Flushes.Committed.Select(static flush => flush.Key).Distinct().Count());
            Assert.True(Flushes.Committed.Count > 2 * Keys, "No timer has fired by the clock.");
        }
    }

    /// <summary>What the windows of one kind have committed.</summary>
    private sealed class WindowOutput(long size, long slide)
    {
        public OutsideWorld<WindowResult> Results { get; } = new();

        /// <summary>The last result of each window.</summary>
        public List<WindowResult> Final() =>
            [.. Results.Committed.GroupBy(static result => (result.Key, result.End)).Select(static window => window.MaxBy(static result => result.Count)).OrderBy(static result => (result.Key, result.End))];

        public void AssertExactlyOnce()
        {
            var committed = Results.Committed;
            var expected =
                from x in All
                from end in EndsOf(TimestampOf(x))
                group x by (Key: KeyOf(x), End: end) into window
                orderby window.Key
                select new WindowResult(window.Key.Key, window.Key.End, window.Count(), window.Sum());
            Assert.Equal(expected, Final());
            AssertNoneTwice();
            Assert.True(committed.Count > Final().Count, "No window has fired again for a late record.");
        }

        public void AssertNoneTwice() => Assert.Equal(Results.Committed.Count, Results.Committed.Select(static result => (result.Key, result.End, result.Count)).Distinct().Count());

        private IEnumerable<long> EndsOf(long timestamp)
        {
            var start = timestamp - (((timestamp % slide) + slide) % slide);
            for (; start + size > timestamp; start -= slide)
                yield return start + size;
        }
    }

    private sealed class CountAndSum : AggregateFunction<long, (long Count, long Sum), (long Count, long Sum)>
    {
        public override (long Count, long Sum) CreateAccumulator() => default;

        public override (long Count, long Sum) Add((long Count, long Sum) accumulator, long value) => (accumulator.Count + 1, accumulator.Sum + value);

        public override (long Count, long Sum) GetResult((long Count, long Sum) accumulator) => accumulator;

        public override (long Count, long Sum) Merge((long Count, long Sum) left, (long Count, long Sum) right) => (left.Count + right.Count, left.Sum + right.Sum);
    }

    private sealed class Contents : ProcessWindowFunction<long, long, WindowResult>
    {
        public override void Process(long key, TimeWindow window, IReadOnlyList<long> elements, Context context) =>
            context.Collect(new WindowResult(key, window.EndMilliseconds, elements.Count, elements.Sum()));
    }

    /// <summary>Sums per key and 100 ms, emitted by an event-time timer at the end of each; and counts per key, flushed by the clock and at the end of input.</summary>
    private sealed class Timers : KeyedProcessFunction<long, long, Flush>
    {
        public static readonly OutputTag<string> Buckets = new("buckets");

        private MapState<long, long> _sums = null!; // set in Open, as the next one
        private ValueState<(int Flushes, int Counted)> _count = null!;

        public static long BucketOf(long x) => x / 100 * 100;

        public override void Open(OperatorContext context)
        {
            _sums = context.State.Map<long, long>("sums");
            _count = context.State.Value<(int Flushes, int Counted)>("count");
        }

        public override void Process(long value, Context context)
        {
            var bucket = BucketOf(value);
            _sums[bucket] = _sums.TryGetValue(bucket, out var sum) ? sum + value : value;
            context.Timers.RegisterEventTime(bucket + 99 + Disorder); // by then no record of the bucket is missing
            context.Timers.RegisterEventTime(long.MaxValue);
            var (flushes, counted) = _count.Value;
            if (counted == 0)
                context.Timers.RegisterProcessingTime(context.ProcessingTime + 30 + (context.Key * 3));
            _count.Value = (flushes, counted + 1);
        }

        public override void OnTimer(long timestamp, Context context)
        {
            if (context.TimeDomain == TimeDomain.ProcessingTime || timestamp == long.MaxValue)
            {
                var (flushes, counted) = _count.Value;
                context.Collect(new Flush(context.Key, flushes, counted));
                _count.Value = (flushes + 1, 0);
                return;
            }

            var bucket = BucketOf(timestamp - Disorder);
            context.Output(Buckets, $"{context.Key}@{bucket}={_sums[bucket]}");
            _sums.Remove(bucket);
        }
    }
}
