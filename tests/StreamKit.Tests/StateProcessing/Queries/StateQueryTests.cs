using StreamKit.Checkpoints;
using StreamKit.Runtime;
using StreamKit.Tests.Runtime.Evolution;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.StateProcessing.Queries;

/// <summary>What queries say before, while and after a job runs, and what they refuse.</summary>
public class StateQueryTests
{
    private static readonly DateTimeOffset s_start = new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly InMemoryCheckpointStore _store = new();

    [Fact]
    public async Task Query_BeforeTheFirstCheckpoint_SaysSo()
    {
        var job = Start();
        var counts = job.Job.QueryValues<long, long>("states", "count");

        var one = await Assert.ThrowsAsync<NoCheckpointException>(async () => await counts.GetAsync(1, None));
        await Assert.ThrowsAsync<NoCheckpointException>(async () => await counts.GetManyAsync([1, 2], None));
        await Assert.ThrowsAsync<NoCheckpointException>(async () => await counts.ReadAllAsync(None).ToListAsync(None));

        Assert.Equal("simulated", one.JobName);
        Assert.Contains("Job 'simulated' has not started yet, or has taken no checkpoint", one.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_OfAJobWithoutAStore_SaysHowToGetOne()
    {
        var builder = StreamJob.CreateBuilder("no-store");
        builder.FromSource("numbers", Source.Range(0, 3)).KeyBy(x => x).Scan("count", () => 0L, (count, _) => count + 1).CollectTo(out _);
        await using var job = builder.Build();

        var failure = await Assert.ThrowsAsync<StreamKitException>(async () => await job.QueryValues<long, long>("count", "accumulator").GetAsync(1, None));

        Assert.Contains("Job 'no-store' cannot be queried", failure.Message, StringComparison.Ordinal);
        Assert.Contains("UseCheckpoints", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_AfterTheEnd_GivesTheLastCheckpoint()
    {
        var job = Start();
        job.Complete();
        await job.Job.DisposeAsync();

        var answer = await job.Job.QueryValues<long, long>("states", "count").GetAsync(3, None);
        var none = await job.Job.QueryValues<long, long>("states", "count").GetAsync(QueriedJob.Keys, None);

        Assert.True(answer.TryGet(out var count));
        Assert.Equal(QueriedJob.Records / QueriedJob.Keys, count, 1L);
        Assert.Equal(job.Job.GetMetrics().LastCheckpoint!.Number, answer.Checkpoint);
        Assert.Equal((await StateReader.OpenAsync(_store, None)).Timestamp, answer.Timestamp);
        Assert.Equal((false, 0L, false), (none.HasValue, none.Value, none.TryGet(out _)));
    }

    [Theory]
    [InlineData("sums", "count", "no operator 'sums' in checkpoint", "'numbers'", "'states'")]
    [InlineData("states", "counts", "no keyed state 'counts'", "'count' (value of int64)", "keys are int64")]
    [InlineData("states", "seen", "is list state: ask for it with QueryLists", "'seen' (list of", "'text'")]
    [InlineData("states", "entries", "is map state: ask for it with QueryMaps", "'entries' (map of", "'sum' (reducing of int64)")]
    [InlineData("states", "text", "string", "State 'text'", "'text'")]
    [InlineData("states", "$timers", "timers and windows cannot", "StateReader", "'count'")]
    public async Task Query_OfWhatThereIsNot_TellsWhatThereIs(string operatorName, string state, params string[] expected)
    {
        var job = Start();
        job.Complete();

        var failure = await Assert.ThrowsAsync<StreamKitException>(async () => await job.Job.QueryValues<long, long>(operatorName, state).GetAsync(1, None));

        Assert.All(expected, each => Assert.Contains(each, failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Query_WithOtherTypes_TellsBoth()
    {
        var job = Start();
        job.Complete();

        var asList = await Assert.ThrowsAsync<StreamKitException>(async () => await job.Job.QueryLists<long, long>("states", "count").GetAsync(1, None));
        var items = await Assert.ThrowsAsync<StreamKitException>(async () => await job.Job.QueryLists<long, Guid>("states", "seen").GetAsync(1, None));
        var keys = await Assert.ThrowsAsync<StreamKitException>(async () => await job.Job.QueryValues<string, long>("states", "count").GetAsync("1", None));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await job.Job.QueryValues<string, long>("states", "count").GetAsync(null!, None));

        Assert.Contains("'count' of operator 'states' is value state: ask for it with QueryValues", asList.Message, StringComparison.Ordinal);
        Assert.Contains("guid", items.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("The keys of operator 'states' are int64, not string", keys.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_OfAnOperatorWithAnotherNameThanInTheCheckpoint_FindsIt()
    {
        var first = Start();
        first.Step(10_000);
        var stopped = first.Begin(first.Job.StopAsync);
        first.Complete();
        await stopped;

        var second = new SimulatedJob(2, first.Now, builder =>
        {
            builder.MapState("states", "renamed");
            builder.UseCheckpoints(_store, TimeSpan.FromHours(1));
            builder.FromSource("numbers", Source.FromCollection(Enumerable.Range(0, QueriedJob.Records).Select(static x => (long)x).ToArray()).WithRateLimit(1))
                .KeyBy(x => x % QueriedJob.Keys).Process("renamed", QueriedJob.NewFunction).CollectTo(out _);
        });
        second.Step(1_000);

        var before = await first.Job.QueryValues<long, long>("states", "count").GetAsync(1, None);
        var after = await second.Job.QueryValues<long, long>("renamed", "count").GetAsync(1, None);

        Assert.Equal((before.HasValue, before.Value, before.Checkpoint), (after.HasValue, after.Value, after.Checkpoint));
    }

    [Fact]
    public async Task Query_OfRowsOfOlderTypes_GivesThemAsTheTypeOfToday()
    {
        var world = EvolvingJob.NewWorld();
        var first = new SimulatedJob(1, s_start, builder => EvolvingJob.Describe<Row1>(builder, _store, world, 2));
        first.Step(3_000);
        var stopped = first.Begin(first.Job.StopAsync);
        first.Complete();
        await stopped;
        var old = await first.Job.QueryValues<long, Row1>("states", "value").ReadAllAsync(None).ToDictionaryAsync(each => each.Key, each => each.Value, cancellationToken: None);
        var second = new SimulatedJob(2, first.Now, builder => EvolvingJob.Describe<Row2>(builder, _store, world, 3));
        second.Step(300);

        var values = await second.Job.QueryValues<long, Row2>("states", "value").GetManyAsync(old.Keys, None);
        var lists = await second.Job.QueryLists<long, Row2>("states", "list").ReadAllAsync(None).ToDictionaryAsync(each => each.Key, each => each.Value, cancellationToken: None);
        var refused = await Assert.ThrowsAsync<StreamKitException>(async () => await second.Job.QueryValues<long, string>("states", "value").GetAsync(1, None));

        Assert.Equal(EvolvingJob.Keys, old.Count);
        Assert.True(values.Checkpoint > 0);
        Assert.All(values.Found, each => Assert.Equal(("", true), (each.Value.Faults, each.Value.Value >= old[each.Key].Value)));
        Assert.All(lists.Values.SelectMany(each => each), each => Assert.Equal("", each.Faults));
        Assert.Contains("State 'value'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_OfWhatHasExpiredSince_GivesNothing()
    {
        var job = Start();
        job.Complete();
        var texts = job.Job.QueryValues<long, string>("states", "text");
        var found = await texts.ReadAllAsync(None).CountAsync(None);
        var there = await texts.GetManyAsync(Keys, None);

        var wait = job.Begin(() => Task.Delay(TimeSpan.FromHours(1), job.Time));
        job.RunLeftovers(100_000);
        await wait;

        Assert.True(found > 0);
        Assert.Equal(found, there.Found.Count);
        Assert.Empty((await texts.GetManyAsync(Keys, None)).Found);
        Assert.Empty(await texts.ReadAllAsync(None).ToListAsync(None));
        Assert.False((await texts.GetAsync(1, None)).HasValue);
        Assert.Empty(await job.Job.QueryLists<long, long>("states", "seen").ReadAllAsync(None).ToListAsync(None));
        Assert.Empty((await job.Job.QueryMaps<long, long, long>("states", "entries").GetManyAsync(Keys, None)).Found);
        Assert.Equal(there.Checkpoint, (await texts.GetAsync(1, None)).Checkpoint);
    }

    /// <summary>Real threads: a job that goes on, and many who ask at once.</summary>
    [Fact]
    public async Task Queries_FromManyThreads_AreOfOneCheckpointEach()
    {
        var builder = StreamJob.CreateBuilder("threads");
        builder.Parallelism = 2;
        builder.Checkpoints.Retained = 1;
        builder.QueryCacheBytes = 4_000;
        builder.UseCheckpoints(_store, TimeSpan.FromMilliseconds(5));
        var byKey = builder.FromSource("numbers", Source.Range(0, 1L << 40).WithRateLimit(200_000)).KeyBy(x => x % 1_000);
        byKey.Scan("counts", () => (Count: 0L, Twice: 0L), (state, _) => (state.Count + 1, state.Twice + 2)).CollectTo(out _);
        await using var job = builder.Build();
        await job.StartAsync(None);
        var counts = job.QueryValues<long, (long Count, long Twice)>("counts", "accumulator");
        var first = 0L;
        while (first == 0 || !(await counts.GetAsync(1, None)).HasValue)
            first = (await job.TriggerCheckpointAsync()).Number;

        await Task.WhenAll(Enumerable.Range(0, 6).Select(thread => Task.Run(async () =>
        {
            var (newest, asked) = (0L, 0);
            while (newest < first + 10 || asked < 10)
            {
                var checkpoint = (thread % 3) switch
                {
                    0 => (await GetAsync(asked % 1_000)).Checkpoint,
                    1 => (await GetManyAsync()).Checkpoint,
                    _ => await ReadAllAsync(),
                };
                Assert.True(checkpoint >= newest);
                newest = checkpoint;
                asked++;
                await Task.Yield(); // two processors may have fewer threads than there are who ask
            }
        })));
        await job.StopAsync();

        async Task<StateAnswer<(long Count, long Twice)>> GetAsync(long key)
        {
            var answer = await counts.GetAsync(key);
            Assert.Equal(answer.Value.Twice, 2 * answer.Value.Count);
            return answer;
        }

        async Task<StateAnswers<long, (long Count, long Twice)>> GetManyAsync()
        {
            var answers = await counts.GetManyAsync(Enumerable.Range(0, 1_000).Select(x => (long)x));
            Assert.All(answers.Found.Values, each => Assert.Equal(each.Twice, 2 * each.Count));
            return answers;
        }

        async Task<long> ReadAllAsync()
        {
            var all = await counts.ReadAllAsync().ToListAsync();
            Assert.All(all, each => Assert.Equal(each.Value.Twice, 2 * each.Value.Count));
            return all.Select(each => each.Checkpoint).Distinct().Single();
        }
    }

    [Fact]
    public async Task Query_AtHand_IsAnsweredWithoutWaiting()
    {
        var job = Start();
        job.Complete();
        var counts = job.Job.QueryValues<long, long>("states", "count");
        await counts.GetAsync(1, None);
        _store.Before = (call, name) => throw new InvalidOperationException($"{call} of {name}");

        for (var i = 0; i < 100; i++)
        {
            var answer = counts.GetAsync(1, None);
            Assert.True(answer.IsCompletedSuccessfully);
            Assert.True((await answer).HasValue);
        }
    }

    [Fact]
    public async Task Query_ThatIsCancelledOrFails_LeavesTheNextOneUnharmed()
    {
        var job = Start();
        job.Complete();
        var counts = job.Job.QueryValues<long, long>("states", "count");
        _store.Before = (_, _) => throw new IOException("not now");
        await Assert.ThrowsAsync<IOException>(async () => await counts.GetAsync(1, None));
        await Assert.ThrowsAsync<IOException>(async () => await counts.ReadAllAsync(None).ToListAsync(None));
        _store.Before = null;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await counts.GetAsync(1, new CancellationToken(canceled: true)));

        Assert.True((await counts.GetAsync(1, None)).HasValue);
        Assert.Equal(QueriedJob.Keys, await counts.ReadAllAsync(None).CountAsync(None));
    }

    private static IEnumerable<long> Keys => Enumerable.Range(0, QueriedJob.Keys).Select(static key => (long)key);

    private static CancellationToken None => TestContext.Current.CancellationToken;

    private SimulatedJob Start() => new(1, s_start, builder => QueriedJob.Describe(builder, _store, 2, cacheBytes: 1 << 20));
}
