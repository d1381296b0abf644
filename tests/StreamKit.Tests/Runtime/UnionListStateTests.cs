using StreamKit.Runtime;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

/// <summary>Union lists in jobs that are rescaled, crashed at random steps, and moved by savepoints.</summary>
public class UnionListStateTests
{
    private const int Records = 2_000;
    private static readonly DateTimeOffset s_start = new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<ulong> Seeds { get; } = [.. Enumerable.Range(1, 20).Select(seed => (ulong)seed)];

    [Theory]
    [InlineData(2, 4, 3)]
    [InlineData(3, 1, 1)]
    [InlineData(2, 2, 5)]
    public void UnionListState_RestoredAtAnyParallelism_GivesAllItemsToEachSubtask(params int[] parallelisms)
    {
        var store = new InMemoryCheckpointStore();
        var now = s_start;
        var before = 0;
        foreach (var parallelism in parallelisms)
        {
            var notes = new Notes();
            var process = new SimulatedJob((ulong)parallelism, now, builder => Describe(builder, store, parallelism, notes));
            process.Step(60);
            process.Job.StopAsync();
            process.Complete();

            Assert.Equal(parallelism, notes.Restored.Count);
            Assert.All(notes.Restored, restored => Assert.Equal(notes.Restored[0], restored));
            Assert.Equal(Enumerable.Range(0, before), notes.Restored[0].Select(each => each.Subtask)); // in their order
            (now, before) = (process.Now, parallelism);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task UnionListState_OfAJobThatCrashesAndRescales_CountsEachRecordOnce(ulong seed)
    {
        var random = new JobRandom(seed);
        var store = new InMemoryCheckpointStore();
        var (now, crashes) = (s_start, 0);
        while (true)
        {
            var notes = new Notes();
            var process = new SimulatedJob(random.Next(), now, builder => Describe(builder, store, 1 + random.Next(4), notes));
            var hasEnded = process.Step(crashes < 8 ? 30 + random.Next(200) : 5_000_000);
            Assert.All(notes.Restored, restored => Assert.Equal(notes.Restored[0], restored));
            if (hasEnded)
            {
                process.Complete();
                break;
            }

            crashes++;
            now = process.Now;
        }

        // Not what the last process left: it may have found the job finished.
        var reader = await StateReader.OpenAsync(store, TestContext.Current.CancellationToken);
        Assert.True(crashes > 0);
        Assert.True(reader.IsFinished);
        Assert.Equal(Records, reader.ReadOperatorList<(int, long Count)>("count", "counts").Sum(each => each.Count));
    }

    [Fact]
    public async Task UnionListState_InASavepoint_IsToldAndCopiedAsSuch()
    {
        var store = new InMemoryCheckpointStore();
        var (savepoint, renamed) = (new InMemoryCheckpointStore(), new InMemoryCheckpointStore());
        var first = new SimulatedJob(1, s_start, builder => Describe(builder, store, 2, new Notes()));
        first.Step(400);
        var taken = first.Job.StopWithSavepointAsync(savepoint);
        first.Complete();
        await taken;

        var reader = await StateReader.OpenAsync(savepoint, TestContext.Current.CancellationToken);
        await SavepointBuilder.From(reader).RenameOperator("count", "renamed").WriteAsync(renamed);
        var moved = await StateReader.OpenAsync(renamed, TestContext.Current.CancellationToken);
        var notes = new Notes();
        var second = new SimulatedJob(2, s_start, builder =>
        {
            builder.RestoreFrom(renamed);
            Describe(builder, new InMemoryCheckpointStore(), 3, notes, name: "renamed");
        });
        second.Complete();

        var list = Assert.Single(reader.Operators.Single(each => each.Name == "count").Lists);
        Assert.Equal(("counts", 2, true), (list.Name, list.Items, list.IsUnion));
        Assert.False(reader.Operators.Single(each => each.Name == "numbers").Lists[0].IsUnion);
        Assert.Equal(list, moved.Operators.Single(each => each.Name == "renamed").Lists[0]);
        Assert.Equal(notes.Restored[0], reader.ReadOperatorList<(int, long)>("count", "counts"));
        Assert.Equal(3, notes.Restored.Count);
        Assert.Equal(Records, notes.Left.Sum(each => each.Count));
    }

    [Theory]
    [InlineData(true, "is a union list in the checkpoint, but the operator declares it as an ordinary list")]
    [InlineData(false, "is an ordinary list in the checkpoint, but the operator declares it as a union list")]
    public void UnionListState_OfAListThatWasStoredAsAnother_IsRefused(bool wasUnion, string expected)
    {
        var store = new InMemoryCheckpointStore();
        var first = new SimulatedJob(1, s_start, builder => Describe(builder, store, 2, new Notes(), isUnion: wasUnion));
        first.Step(400);
        first.Job.StopAsync();
        first.Complete();

        var second = new SimulatedJob(2, s_start, builder => Describe(builder, store, 2, new Notes(), isUnion: !wasUnion));
        var failure = Assert.Throws<StreamKitException>(() => second.Complete());

        Assert.Contains($"List state 'counts' {expected}", failure.Message, StringComparison.Ordinal);
    }

    private static void Describe(StreamJobBuilder builder, InMemoryCheckpointStore store, int parallelism, Notes notes, bool isUnion = true, string name = "count")
    {
        builder.Parallelism = parallelism;
        builder.UseCheckpoints(store, TimeSpan.FromMilliseconds(40));
        builder.FromSource("numbers", Source.Range(0, Records).WithRateLimit(2_000))
            .Rebalance()
            .Process(name, () => new Count(notes, isUnion))
            .SinkTo("out", new ActionSink<long>(_ => { }));
    }

    /// <summary>What the subtasks of an attempt found and left.</summary>
    private sealed class Notes
    {
        public List<List<(int Subtask, long Count)>> Restored { get; } = [];

        public List<(int Subtask, long Count)> Left { get; } = [];
    }

    /// <summary>Counts records per subtask. At a restore the first subtask takes over what all had, and the others begin with nothing.</summary>
    private sealed class Count(Notes notes, bool isUnion) : ProcessFunction<long, long>
    {
        private OperatorListState<(int Subtask, long Count)> _counts = null!; // set in Open

        public override void Open(OperatorContext context)
        {
            _counts = isUnion ? context.UnionListState<(int, long)>("counts") : context.ListState<(int, long)>("counts");
            notes.Restored.Add([.. _counts.Items]);
            var taken = context.Subtask == 0 ? _counts.Items.Sum(each => each.Count) : 0;
            _counts.Items.Clear();
            _counts.Items.Add((context.Subtask, taken));
        }

        public override void Process(long value, Context context)
        {
            var (subtask, count) = _counts.Items[0];
            _counts.Items[0] = (subtask, count + 1);
            context.Collect(value);
        }

        public override void Close() => notes.Left.AddRange(_counts.Items);
    }
}
