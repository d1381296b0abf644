using StreamKit.Checkpoints;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

/// <summary>Jobs whose operators were renamed or removed between two runs.</summary>
public class RestoreRulesTests
{
    private const int Count = 1_000;
    private const int Keys = 5;
    private readonly InMemoryCheckpointStore _store = new();
    private readonly InMemoryCheckpointStore _savepoint = new();
    private readonly OutsideWorld<(long Key, int Count)> _world = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MapState_OfRenamedOperators_GoesOnWithTheirStateAndMayStay(bool fromSavepoint)
    {
        StopFirst();
        var store = fromSavepoint ? new InMemoryCheckpointStore() : _store;
        Action<StreamJobBuilder> renamed = builder =>
        {
            Describe(builder, store, "entries", "counts", "output");
            builder.RestoreFrom(_savepoint).MapState("numbers", "entries").MapState("count", "counts").MapState("out", "output");
        };

        var again = new SimulatedJob(2, DateTimeOffset.UnixEpoch, renamed);
        again.Step(300);
        again.Job.StopAsync();
        again.Complete();
        new SimulatedJob(3, DateTimeOffset.UnixEpoch, renamed).Complete();

        AssertCountedOnce();
        Assert.Equal(["counts", "entries", "output"], Newest(store).Operators.Select(each => each.Name).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Start_WithStateThatNobodyClaims_SaysWhichAndHowMuch(bool fromSavepoint)
    {
        StopFirst();
        var store = fromSavepoint ? new InMemoryCheckpointStore() : _store;

        var error = Assert.ThrowsAny<StreamKitException>(() => new SimulatedJob(2, DateTimeOffset.UnixEpoch, builder =>
        {
            Describe(builder, store, "entries", "counts", "out");
            builder.RestoreFrom(_savepoint).MapState("counter", "counts");
        }).Complete());

        Assert.Contains(fromSavepoint ? "cannot start from the savepoint 'memory' (checkpoint " : "cannot start from checkpoint ", error.Message, StringComparison.Ordinal);
        Assert.Contains("- The state of 'counter' is mapped to operator 'counts', but the checkpoint has no operator 'counter'. It has: 'count', 'numbers', 'out'.", error.Message, StringComparison.Ordinal);
        Assert.Matches(@"- The checkpoint holds state of operator 'count', but the job has no operator of that name: value state 'accumulator' of .*int32.* \(5 rows, \d+ bytes\)\. ", error.Message);
        Assert.Contains("If the operator was renamed, say so with MapState(\"count\", \"the new name\"). If its state is to be dropped, set AllowNonRestoredState.", error.Message, StringComparison.Ordinal);
        Assert.Contains("- The checkpoint holds state of operator 'numbers', but the job has no operator of that name: operator list 'splits' of ", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, error.Message.Split(Environment.NewLine).Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AllowNonRestoredState_OfAnOperatorThatIsGone_DropsItsStateForGood(bool fromSavepoint)
    {
        StopFirst();
        var store = fromSavepoint ? new InMemoryCheckpointStore() : _store;
        var logger = new RecordingLogger();
        var before = _world.Committed.Count;

        var again = new SimulatedJob(2, DateTimeOffset.UnixEpoch, builder =>
        {
            Describe(builder, store, "entries", "counts", "out");
            builder.RestoreFrom(_savepoint);
            builder.AllowNonRestoredState = true;
            builder.Logger = logger;
        });
        again.Step(300);
        again.Job.StopAsync();
        again.Complete();
        new SimulatedJob(3, DateTimeOffset.UnixEpoch, builder => Describe(builder, store, "entries", "counts", "out")).Complete();

        AssertCountedOnce(before); // from the beginning, as both have new names
        Assert.Contains(logger.Lines, line => line.Contains("drops the state of operator 'count', which it does not have: 'accumulator'", StringComparison.Ordinal));
        Assert.Contains(logger.Lines, line => line.Contains("drops the state of operator 'numbers'", StringComparison.Ordinal));
        Assert.Equal(["counts", "entries", "out"], Newest(store).Operators.Select(each => each.Name).Order());
    }

    [Fact]
    public void Start_WithASinkRenamed_CommitsWhatItHadPreparedUnderItsOldName()
    {
        var first = new SimulatedJob(1, DateTimeOffset.UnixEpoch, builder => Describe(builder, _store, "numbers", "count", "out"));
        while (_world.Prepared == 0 || NewestEntry() is not { Kind: LogEntryKind.Checkpoint, Manifest.Transactions.Count: > 0 })
            first.Step(1);

        new SimulatedJob(2, DateTimeOffset.UnixEpoch, builder =>
        {
            Describe(builder, _store, "numbers", "count", "output");
            builder.MapState("out", "output");
        }).Complete();

        AssertCountedOnce();
    }

    [Fact]
    public void Build_WithMappingsThatCannotBe_ListsAll()
    {
        var builder = StreamJob.CreateBuilder("job");
        Describe(builder, _store, "numbers", "count", "out");
        builder.MapState("a", "missing").MapState("count", "out").MapState("b", "count").MapState("c", "count").MapState("b", "numbers");

        var error = Assert.Throws<JobBuildException>(() => builder.Build());

        Assert.Equal(
        [
            "The state of 'a' is mapped to operator 'missing', which the job does not have. It has: 'count', 'numbers', 'out'.",
            "The state of 'count' is mapped to operator 'out', but the job has an operator 'count' itself. Give that one another name, or take the mapping away.",
            "The state of 'b' is mapped 2 times, to 'count' and 'numbers'. Map it once.",
            "The state of 'b' and 'c' is mapped to one operator, 'count'. Map one of them; states are not joined.",
        ],
        error.Problems);
    }

    [Fact]
    public void Build_WithASavepointButNoStore_IsRefused()
    {
        var builder = StreamJob.CreateBuilder("job");
        builder.FromSource("numbers", Source.Range(0, 1)).SinkTo("out", Sink.Discard<long>());
        builder.RestoreFrom(_savepoint);

        var error = Assert.Throws<JobBuildException>(() => builder.Build());

        Assert.Equal("The job begins with a savepoint, but has no checkpoint store that its state could be copied to. Call UseCheckpoints.", Assert.Single(error.Problems));
    }

    [Fact]
    public void Start_WithStatesThatTheirOperatorDoesNotDeclare_SaysWhichAndHowMuch()
    {
        Remember(1, "kept lost other", "list", allow: false);

        var error = Assert.ThrowsAny<StreamKitException>(() => Remember(2, "kept", "list", allow: false));

        Assert.Matches(
            @"cannot start from checkpoint \d+:\n- The checkpoint holds state that operator 'op' does not declare: value state 'lost' of int64 \(5 rows, \d+ bytes\); value state 'other' of int64 \(5 rows, \d+ bytes\)\. "
            + "Declare it while the operator opens, as it was before. If it is to be dropped, set AllowNonRestoredState.",
            error.Message.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void AllowNonRestoredState_OfStatesThatTheirOperatorDoesNotDeclare_DropsThemForGood()
    {
        Remember(1, "kept lost", "list", allow: false);
        var logger = new RecordingLogger();

        Remember(2, "kept", "", allow: true, logger);
        Remember(3, "kept", "", allow: false);
        var found = Remember(4, "kept lost", "", allow: false);

        Assert.Contains(logger.Lines, line => line.Contains("drops state that operator 'op' does not declare: 'lost'", StringComparison.Ordinal));
        Assert.True(found["kept"] > 0);
        Assert.Equal(0, found["lost"]); // declared again, it is another state
    }

    /// <summary>Runs a job for a while that keeps values in states of these names, and one list.</summary>
    /// <returns>How many records have found a value of an earlier run in each.</returns>
    private Dictionary<string, int> Remember(ulong run, string states, string list, bool allow, RecordingLogger? logger = null)
    {
        var found = states.Split(' ').ToDictionary(name => name, _ => 0);
        var job = new SimulatedJob(run, DateTimeOffset.UnixEpoch, builder =>
        {
            builder.Parallelism = 2;
            builder.RestartStrategy = RestartStrategy.None;
            builder.AllowNonRestoredState = allow;
            if (logger is not null)
                builder.Logger = logger;
            builder.UseCheckpoints(_store, TimeSpan.FromMilliseconds(50));
            builder.FromSource("numbers", Source.Range(0, 10_000).WithRateLimit(1_000))
                .KeyBy(x => x % Keys)
                .Process("op", () => new Memory(states.Split(' '), list, (long)run, found))
                .SinkTo("out", Sink.Discard<long>());
        });
        job.Step(300);
        job.Job.StopAsync();
        job.Complete();
        return found;
    }

    private void StopFirst()
    {
        var first = new SimulatedJob(1, DateTimeOffset.UnixEpoch, builder => Describe(builder, _store, "numbers", "count", "out"));
        first.Step(300);
        var taken = first.Job.StopWithSavepointAsync(_savepoint);
        first.Complete();
        taken.GetAwaiter().GetResult();
        Assert.NotEmpty(_world.Committed);
    }

    private void Describe(StreamJobBuilder builder, ICheckpointStore store, string source, string count, string sink)
    {
        builder.Parallelism = 2;
        builder.RestartStrategy = RestartStrategy.None;
        builder.UseCheckpoints(store, TimeSpan.FromMilliseconds(50));
        builder.FromSource(source, Source.Range(0, Count).WithRateLimit(1_000))
            .KeyBy(x => x % Keys)
            .Scan(count, () => (Key: 0L, Count: 0), (state, x) => (x % Keys, state.Count + 1))
            .SinkTo(sink, _world.AsSink());
    }

    private void AssertCountedOnce(int from = 0) => Assert.Equal(
        Enumerable.Range(0, Keys).SelectMany(key => Enumerable.Range(1, Count / Keys).Select(count => ((long)key, count))),
        _world.Committed.Skip(from).Order());

    private LogEntry NewestEntry()
    {
        var name = _store.Names.Last(each => each.StartsWith(StoredNames.LogPrefix, StringComparison.Ordinal));
        return LogEntryFormat.Decode(name, _store.Content(name));
    }

    private static CheckpointManifest Newest(InMemoryCheckpointStore store)
    {
        var name = store.Names.Last(each => each.StartsWith(StoredNames.LogPrefix, StringComparison.Ordinal));
        return LogEntryFormat.Decode(name, store.Content(name)).Manifest!; // the job has taken a checkpoint
    }

    private sealed class Memory(string[] names, string list, long run, Dictionary<string, int> found) : KeyedProcessFunction<long, long, long>
    {
        private readonly List<(string Name, ValueState<long> State)> _states = [];
        private OperatorListState<long>? _list;

        public override void Open(OperatorContext context)
        {
            foreach (var name in names)
                _states.Add((name, context.State.Value<long>(name)));
            _list = list.Length > 0 ? context.ListState<long>(list) : null;
        }

        public override void Process(long value, Context context)
        {
            foreach (var (name, state) in _states)
            {
                if (state.TryGet(out var last) && last != run)
                    found[name]++;
                state.Value = run;
            }

            _list?.Items.Add(value);
        }
    }
}
