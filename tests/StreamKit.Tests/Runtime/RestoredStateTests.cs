using StreamKit.Checkpoints;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

/// <summary>Jobs whose state was changed between two runs.</summary>
public class RestoredStateTests
{
    private const int Count = 1_000;
    private readonly InMemoryCheckpointStore _store = new();
    private int _processed;

    public enum Verb
    {
        ProcessValue,
        ProcessMap,
        ProcessList,
        OperatorList,
        Scan,
        Reduce,
        WindowReduce,
        WindowAggregate,
    }

    [Theory]
    [InlineData(Verb.ProcessValue, "- Operator 'op': State 'kept' holds Renamed { Id: int64, Total: int64 }, but Stored { Id: int64, Sum: int64 } in the checkpoint: member 'Sum' (int64) is gone and 'Total' (int64) is new. If it was renamed, mark 'Total' [RenamedFrom(\"Sum\")], if not, [NewMember]")]
    [InlineData(Verb.ProcessMap, "- Operator 'op': State 'kept' holds {int32 → Renamed { Id: int64, Total: int64 }}, but {int32 → Stored { Id: int64, Sum: int64 }} in the checkpoint: in '{value}' member 'Sum' (int64) is gone and 'Total' (int64) is new. If it was renamed, mark 'Total' [RenamedFrom(\"Sum\")], if not, [NewMember]")]
    [InlineData(Verb.ProcessList, "- Operator 'op': State 'kept' holds [Renamed { Id: int64, Total: int64 }], but [Stored { Id: int64, Sum: int64 }] in the checkpoint: in '[]' member 'Sum' (int64) is gone and 'Total' (int64) is new. If it was renamed, mark 'Total' [RenamedFrom(\"Sum\")], if not, [NewMember]")]
    [InlineData(Verb.OperatorList, "- Operator 'op': List state 'kept' holds Renamed { Id: int64, Total: int64 }, but Stored { Id: int64, Sum: int64 } in the checkpoint: member 'Sum' (int64) is gone and 'Total' (int64) is new. If it was renamed, mark 'Total' [RenamedFrom(\"Sum\")], if not, [NewMember]")]
    [InlineData(Verb.Scan, "- Operator 'op': State 'accumulator' holds Renamed { Id: int64, Total: int64 }, but Stored { Id: int64, Sum: int64 } in the checkpoint: member 'Sum' (int64) is gone and 'Total' (int64) is new. If it was renamed, mark 'Total' [RenamedFrom(\"Sum\")], if not, [NewMember]")]
    [InlineData(Verb.Reduce, "- Operator 'op': State 'reduced' holds Renamed { Id: int64, Total: int64 }, but Stored { Id: int64, Sum: int64 } in the checkpoint: member 'Sum' (int64) is gone and 'Total' (int64) is new. If it was renamed, mark 'Total' [RenamedFrom(\"Sum\")], if not, [NewMember]")]
    [InlineData(Verb.WindowReduce, "- Operator 'op': State '$windows of ")]
    [InlineData(Verb.WindowAggregate, "- Operator 'op': State '$windows of ")]
    public void Restore_WithAMemberRenamed_IsRefusedBeforeAnythingIsProcessed(Verb verb, string expected)
    {
        RunUntilStopped<Stored>(verb);
        var before = _store.Names;
        _processed = 0;

        var changed = new SimulatedJob(2, DateTimeOffset.UnixEpoch, builder => Describe<Renamed>(builder, verb));
        var error = Assert.ThrowsAny<StreamKitException>(() => changed.Complete());

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("[NewMember]. Otherwise declare it as it was, or give the new state another name.", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _processed);
        Assert.Single(_store.Names, name => !before.Contains(name)); // the claim, which contains what the job goes on from
        var same = new SimulatedJob(3, DateTimeOffset.UnixEpoch, builder => Describe<StoredUnderAnotherName>(builder, verb));
        same.Complete();
        Assert.Equal(JobStatus.Finished, same.Job.Status);
    }

    [Fact]
    public void Restore_WithSeveralStatesThatDoNotFit_TellsAllOfThem()
    {
        var first = new SimulatedJob(1, DateTimeOffset.UnixEpoch, DescribeSeveral<Stored>);
        Stop(first);

        var changed = new SimulatedJob(2, DateTimeOffset.UnixEpoch, DescribeSeveral<Renamed>);
        var error = Assert.ThrowsAny<StreamKitException>(() => changed.Complete());

        var lines = error.Message.Split(Environment.NewLine)[1..];
        Assert.Equal(["- Operator 'lists': List state 'kept'", "- Operator 'scan': State 'accumulator'", "- Operator 'states': State 'kept'"], lines.Select(static line => line[..line.IndexOf(" holds", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }

    private void DescribeSeveral<T>(StreamJobBuilder builder)
        where T : IRow<T>
    {
        var rows = Numbers(builder).Map(T.Make);
        builder.Parallelism = 2;
        rows.Process("lists", () => new Listing<T>()).SinkTo("out-1", new ActionSink<T>(_ => { }));
        rows.KeyBy(static row => row.Id % 5).Scan("scan", () => T.Make(0), (_, row) => row).SinkTo("out-2", new ActionSink<T>(_ => { }));
        rows.KeyBy(static row => row.Id % 5).Process("states", () => new Keeping<T>(Verb.ProcessValue)).SinkTo("out-3", new ActionSink<T>(_ => { }));
    }

    [Fact]
    public void Restore_OfAnOperatorListWithChangedItems_ConvertsThem()
    {
        RunUntilStopped<Stored>(Verb.OperatorList);
        var seen = new List<Following>();

        var changed = new SimulatedJob(2, DateTimeOffset.UnixEpoch, builder => Numbers(builder).Process("op", () => new Items(seen)).SinkTo("out", new ActionSink<long>(_ => { })));
        changed.Complete();

        Assert.NotEmpty(seen);
        Assert.All(seen, static each => Assert.Equal(new Following(each.Id, (decimal)each.Id), each));
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    public readonly record struct Following(Int128 Id, [RenamedFrom("Sum")] decimal Total, int Added = 3);

    /// <summary>Takes down what it finds when it opens.</summary>
    private sealed class Items(List<Following> seen) : ProcessFunction<long, long>
    {
        public override void Open(OperatorContext context) => seen.AddRange(context.ListState<Following>("kept").Items);

        public override void Process(long value, Context context) => context.Collect(value);
    }

    [Fact]
    public void Restore_WithAMemberOfTheKeyRenamed_IsRefusedByThePlan()
    {
        var first = new SimulatedJob(1, DateTimeOffset.UnixEpoch, builder => DescribeKeyed(builder, x => new Stored(x, x)));
        Stop(first);

        var changed = new SimulatedJob(2, DateTimeOffset.UnixEpoch, builder => DescribeKeyed(builder, x => new Renamed(x, x)));
        var error = Assert.ThrowsAny<StreamKitException>(() => changed.Complete());

        Assert.Contains("The key of operator 'op' is Renamed { Id: int64, Total: int64 }, but its state is stored by Stored { Id: int64, Sum: int64 }: member 'Sum' is now called 'Total'.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Restore_WithAListThatNobodyDeclares_IsRefused()
    {
        RunUntilStopped<Stored>(Verb.OperatorList);

        var changed = new SimulatedJob(2, DateTimeOffset.UnixEpoch, builder => Numbers(builder).Map(Stored.Make).Map(row => row, "op").SinkTo("out", new ActionSink<Stored>(_ => { })));
        var error = Assert.ThrowsAny<StreamKitException>(() => changed.Complete());

        Assert.Contains("- Operator 'op': The checkpoint holds list state 'kept' of Stored { Id: int64, Sum: int64 }, which the operator does not declare", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StateId_OfAStateThatWasDropped_IsNeverGivenAgain()
    {
        var ids = new List<Dictionary<string, int>>();
        foreach (var states in new[] { "kept dropped", "kept", "kept new", "kept new dropped" })
        {
            Stop(new SimulatedJob((ulong)ids.Count + 1, DateTimeOffset.UnixEpoch, builder => DescribeStates(builder, states.Split(' '))));
            ids.Add(StoredIds());
        }

        Assert.Equal(["kept"], ids[1].Keys);
        Assert.Equal(ids[0]["kept"], ids[3]["kept"]);
        Assert.Equal(ids[2]["new"], ids[3]["new"]);
        int[] given = [ids[0]["kept"], ids[0]["dropped"], ids[2]["new"], ids[3]["dropped"]];
        Assert.Equal(given.Distinct(), given);
    }

    private Dictionary<string, int> StoredIds()
    {
        var name = _store.Names.Last(each => each.StartsWith(StoredNames.LogPrefix, StringComparison.Ordinal));
        var manifest = LogEntryFormat.Decode(name, _store.Content(name)).Manifest!; // the job has taken a checkpoint
        return manifest.Operators.Single(each => each.Name == "op").States.Where(state => state.Name[0] != '$').ToDictionary(state => state.Name, state => state.Id);
    }

    private void RunUntilStopped<T>(Verb verb)
        where T : IRow<T> => Stop(new SimulatedJob(1, DateTimeOffset.UnixEpoch, builder => Describe<T>(builder, verb)));

    private static void Stop(SimulatedJob job)
    {
        job.Step(200);
        job.Job.StopAsync();
        job.Complete();
        Assert.Equal(JobStatus.Stopped, job.Job.Status);
    }

    private void Describe<T>(StreamJobBuilder builder, Verb verb)
        where T : IRow<T>
    {
        var rows = Numbers(builder).Map(x =>
        {
            _processed++;
            return T.Make(x);
        });
        var byId = rows.KeyBy(row => row.Id % 5);
        _ = verb switch
        {
            Verb.Scan => byId.Scan("op", () => T.Make(0), (_, row) => row).SinkTo("out", new ActionSink<T>(_ => { })),
            Verb.Reduce => byId.Reduce("op", (_, row) => row).SinkTo("out", new ActionSink<T>(_ => { })),
            Verb.WindowReduce => byId.Window(TumblingEventTimeWindows.Of(TimeSpan.FromHours(1))).Reduce("op", (_, row) => row).SinkTo("out", new ActionSink<T>(_ => { })),
            Verb.WindowAggregate => byId.Window(TumblingEventTimeWindows.Of(TimeSpan.FromHours(1))).Aggregate("op", new Latest<T>()).SinkTo("out", new ActionSink<T>(_ => { })),
            Verb.OperatorList => rows.Process("op", () => new Listing<T>()).SinkTo("out", new ActionSink<T>(_ => { })),
            _ => byId.Process("op", () => new Keeping<T>(verb)).SinkTo("out", new ActionSink<T>(_ => { })),
        };
    }

    private void DescribeKeyed<TKey>(StreamJobBuilder builder, Func<long, TKey> key)
        where TKey : notnull =>
        Numbers(builder).KeyBy(key).Scan("op", () => 0L, (_, x) => x).SinkTo("out", new ActionSink<long>(_ => { }));

    private void DescribeStates(StreamJobBuilder builder, string[] states) =>
        Numbers(builder).KeyBy(x => x).Process("op", () => new Declaring(states)).SinkTo("out", new ActionSink<long>(_ => { }));

    private DataStream<long> Numbers(StreamJobBuilder builder)
    {
        builder.Parallelism = 1;
        builder.RestartStrategy = RestartStrategy.None;
        builder.UseCheckpoints(_store, TimeSpan.FromMilliseconds(50));
        return builder.FromSource("numbers", Source.Range(0, Count).WithRateLimit(500)).AssignTimestampsAndWatermarks(w => w.Monotonous().WithTimestamp(x => DateTimeOffset.UnixEpoch.AddSeconds(x)));
    }

    public interface IRow<TSelf>
        where TSelf : IRow<TSelf>
    {
        long Id { get; }

        static abstract TSelf Make(long id);
    }

    public readonly record struct Stored(long Id, long Sum) : IRow<Stored>
    {
        public static Stored Make(long id) => new(id, id);
    }

    public readonly record struct StoredUnderAnotherName(long Id, long Sum) : IRow<StoredUnderAnotherName>
    {
        public static StoredUnderAnotherName Make(long id) => new(id, id);
    }

    public readonly record struct Renamed(long Id, long Total) : IRow<Renamed>
    {
        public static Renamed Make(long id) => new(id, id);
    }

    private sealed class Latest<T> : AggregateFunction<T, T, T>
        where T : IRow<T>
    {
        public override T CreateAccumulator() => T.Make(0);

        public override T Add(T accumulator, T value) => value;

        public override T GetResult(T accumulator) => accumulator;

        public override T Merge(T left, T right) => right;
    }

    private sealed class Keeping<T>(Verb verb) : KeyedProcessFunction<long, T, T>
    {
        private ValueState<T>? _value;
        private ListState<T>? _list;
        private MapState<int, T>? _map;

        public override void Open(OperatorContext context)
        {
            _value = verb == Verb.ProcessValue ? context.State.Value<T>("kept") : null;
            _list = verb == Verb.ProcessList ? context.State.List<T>("kept") : null;
            _map = verb == Verb.ProcessMap ? context.State.Map<int, T>("kept") : null;
        }

        public override void Process(T value, Context context)
        {
            if (_value is not null)
                _value.Value = value;
            _list?.Add(value);
            if (_map is not null)
                _map[1] = value;
            context.Collect(value);
        }
    }

    private sealed class Listing<T> : ProcessFunction<T, T>
    {
        private OperatorListState<T> _items = null!; // set in Open

        public override void Open(OperatorContext context) => _items = context.ListState<T>("kept");

        public override void Process(T value, Context context)
        {
            _items.Items.Add(value);
            context.Collect(value);
        }
    }

    /// <summary>Declares states, and stores something in those of another name than 'dropped'.</summary>
    private sealed class Declaring(string[] names) : KeyedProcessFunction<long, long, long>
    {
        private readonly List<ValueState<long>> _states = [];

        public override void Open(OperatorContext context)
        {
            foreach (var name in names)
            {
                var state = context.State.Value<long>(name);
                if (name != "dropped")
                    _states.Add(state);
            }
        }

        public override void Process(long value, Context context)
        {
            foreach (var state in _states)
                state.Value = value;
            context.Collect(value);
        }
    }
}
