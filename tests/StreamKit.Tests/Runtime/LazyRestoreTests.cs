using StreamKit.Checkpoints;
using StreamKit.Runtime;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

/// <summary>Jobs whose state stays in the segments of their checkpoint until it is needed, in a store whose answers take a while.</summary>
public class LazyRestoreTests
{
    private const int Records = 3_000;
    private const int Keys = 400;
    private static readonly DateTimeOffset s_start = new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly InMemoryCheckpointStore _store = new();
    private readonly OutsideWorld<string> _world = new();
    private SimulatedJob? _running;
    private int _reads;

    public LazyRestoreTests() => _store.Before = BeforeAsync;

    public static TheoryData<ulong> Seeds { get; } = [.. Enumerable.Range(1, 15).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Job_CrashedWhileItWaitsForState_GivesTheOutputOfAnUninterruptedRun(ulong seed)
    {
        var random = new JobRandom(seed);
        var now = s_start;
        int waits = 0;
        for (int crashes = 0; ; crashes++)
        {
            // Hardly any key stays in memory, and the local store drops what checkpoints hold.
            var local = random.Next(2) == 0 ? new InMemoryLocalState(hotBytes: 20_000, dropsBySeed: (int)seed) : null;
            var process = Job(random.Next(), 1 + random.Next(3), local, now: now);
            int before = -1;
            bool hasEnded = false;
            for (int steps = crashes < 10 ? 200 + random.Next(1_500) : 5_000_000; steps > 0 && !hasEnded; steps--)
            {
                hasEnded = process.Step(1);
                if (before < 0 && process.Job.Status == JobStatus.Running)
                    before = _reads;
            }

            waits += before < 0 ? 0 : _reads - before;
            now = process.Now;
            if (!hasEnded)
                continue;
            process.Complete();
            break;
        }

        Assert.Equal(Expected(), _world.Committed.Order(StringComparer.Ordinal));
        Assert.Equal(0, _world.Prepared);
        Assert.True(waits > 0, "Nothing was read while the job was running.");
    }

    [Fact]
    public void Start_OfAJobInMemory_WorksBeforeItsStateIsReadAndReadsAllOfItInTheEnd()
    {
        CrashBehindCheckpoint();
        _reads = 0;
        int processed = 0;
        int readAtFirst = 0;
        var job = Job(2, 1, onRecord: () =>
        {
            if (processed++ == 0)
                readAtFirst = _reads;
        });
        while (processed == 0)
            job.Step(1);
        long segments = Newest().Operators.Sum(static each => each.Segments.Count);
        while (processed < Records / 3)
            job.Step(1);
        int readWhenWarm = _reads;

        job.Complete();

        // Footers and log, and some blocks for the first record's key; not the rest.
        Assert.InRange(readAtFirst, segments, 40);
        Assert.True(readWhenWarm > readAtFirst, "Nothing was read behind the first record.");
        Assert.InRange(_reads, readWhenWarm, readWhenWarm + 20); // merges read, the state does not
        Assert.Equal(Expected(), _world.Committed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Start_InAStoreThatFailsNowAndThen_IsWarmInTheEnd()
    {
        CrashBehindCheckpoint();
        var faults = new JobRandom(5);
        bool mayFail = false;
        int failed = 0;
        var job = Job(2, 1, restarts: RestartStrategy.FixedDelay(int.MaxValue, TimeSpan.FromMilliseconds(10)));
        _store.Before = async (call, name) =>
        {
            await BeforeAsync(call, name);
            if (mayFail && call == StoreCall.OpenRead && faults.Next(3) == 0 && ++failed > 0)
                throw new StreamKitException("The store is away.");
        };
        while (job.Job.Status != JobStatus.Running)
            job.Step(1);
        mayFail = true;

        job.Step(2_000);
        mayFail = false;
        job.Complete();

        Assert.True(failed > 5, $"The store has failed {failed} times only.");
        Assert.Equal(Expected(), _world.Committed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Damage_FoundWhileRunning_EndsTheJobAndNamesTheObjectAndTheOption()
    {
        CrashBehindCheckpoint();
        string damaged = DamageNewest();

        var error = Assert.Throws<JobFailedException>(() => Job(2, 1, restarts: RestartStrategy.FixedDelay(int.MaxValue, TimeSpan.FromMilliseconds(10))).Complete());

        Assert.Single(error.Failures);
        Assert.Contains(damaged, error.Message, StringComparison.Ordinal);
        Assert.Contains("CheckpointOptions.FallBackFromDamagedCheckpoint", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damage_FoundWhileRunningWhereGoingBackIsAllowed_GoesBackToACheckpointWithoutIt(bool isLocal)
    {
        CrashBehindCheckpoint();
        string damaged = DamageNewest();
        var committed = _world.Committed;

        Job(2, 1, isLocal ? new InMemoryLocalState(hotBytes: 20_000) : null, restarts: RestartStrategy.FixedDelay(3, TimeSpan.FromMilliseconds(10)), mayGoBack: true).Complete();

        Assert.Equal(Expected(), _world.Committed.Distinct().Order(StringComparer.Ordinal));
        Assert.All(_world.Committed.GroupBy(static row => row).Where(static row => row.Count() > 1), row => Assert.Contains(row.Key, committed));
        Assert.DoesNotContain(damaged, Newest().Operators.SelectMany(static each => each.Segments).Select(static each => each.ObjectName));
    }

    [Fact]
    public void Job_WhoseLocalStoreIsFull_DropsWhatCheckpointsHoldAndGoesOn()
    {
        var local = new InMemoryLocalState(hotBytes: 20_000, rows: 300);

        Job(3, 1, local, every: 15).Complete();

        Assert.True(local.Used > 0);
        Assert.Equal(Expected(), _world.Committed.Order(StringComparer.Ordinal));
    }

    /// <summary>Every sum per key: state that lost or repeated a record would give others.</summary>
    private static IEnumerable<string> Expected()
    {
        var sums = new long[Keys];
        var rows = new List<string>();
        for (long x = 0; x < Records; x++)
            rows.Add(Row(x % Keys, sums[x % Keys] += x));
        return rows.Order(StringComparer.Ordinal);
    }

    /// <summary>Long, so that the state is too much to travel in the log.</summary>
    private static string Row(long key, long sum) => $"{key}:{sum}{new string('.', 300)}";

    private async ValueTask BeforeAsync(StoreCall call, string name)
    {
        if (call != StoreCall.OpenRead || _running is not { } running)
            return;
        _reads++;
        await Task.Delay(TimeSpan.FromMilliseconds(7), running.Time);
    }

    private SimulatedJob Job(
        ulong seed, int parallelism, InMemoryLocalState? local = null, RestartStrategy? restarts = null, bool mayGoBack = false, Action? onRecord = null, DateTimeOffset? now = null, int every = 40) =>
        _running = new(seed, now ?? s_start, builder =>
    {
        builder.Parallelism = parallelism;
        builder.ReadAtOnceBytes = 0;
        builder.RestartStrategy = restarts ?? RestartStrategy.None;
        if (local is not null)
            builder.UseStateBackend(local);
        builder.UseCheckpoints(_store, TimeSpan.FromMilliseconds(every));
        builder.Checkpoints.FallBackFromDamagedCheckpoint = mayGoBack;
        builder.FromSource("numbers", Source.Range(0, Records).WithRateLimit(5_000))
            .KeyBy(x => x % Keys)
            .Scan("sum", () => Row(0, 0), (sum, x) =>
            {
                onRecord?.Invoke();
                return Row(x % Keys, long.Parse(sum[(sum.IndexOf(':', StringComparison.Ordinal) + 1)..].TrimEnd('.'), null) + x);
            })
            .SinkTo("out", _world.AsSink());
    });

    /// <summary>Runs the job until it has committed what a checkpoint of all keys holds, and lets it stand.</summary>
    private void CrashBehindCheckpoint()
    {
        var job = Job(1, 1);
        while (_world.Committed.Count < Keys * 2 || _world.Prepared > 0)
            Assert.False(job.Step(1));
        _running = null;
    }

    private CheckpointManifest Newest() => _store.Names
        .Where(name => name.StartsWith(StoredNames.LogPrefix, StringComparison.Ordinal))
        .Select(name => LogEntryFormat.Decode(name, _store.Content(name)))
        .Last(static entry => entry.Kind == LogEntryKind.Checkpoint).Manifest!; // a checkpoint has one

    private string DamageNewest()
    {
        string name = Newest().Operators.SelectMany(static each => each.Segments).Where(static segment => segment.ObjectName is not null).MaxBy(static segment => segment.Sequence)!.ObjectName!; // there is one
        _store.Damage(name, static bytes =>
        {
            bytes[100] ^= 4; // in the first block
            return bytes;
        });
        return name;
    }
}
