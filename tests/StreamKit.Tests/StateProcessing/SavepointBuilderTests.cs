using StreamKit.Checkpoints;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.StateProcessing;

/// <summary>Savepoints made without a job, read back and begun with.</summary>
public class SavepointBuilderTests
{
    private const int Count = 1_000;
    private const int Keys = 5;
    private readonly InMemoryCheckpointStore _made = new();

    [Fact]
    public async Task WriteAsync_OfABoundedStream_IsWhatAJobBeginsWith()
    {
        await SavepointBuilder.Create("imported", maxParallelism: 32)
            .SetValues("count", "accumulator", Enumerable.Range(0, Keys).Select(key => ((long)key, (Key: (long)key, Count: 1_000 * key))).ToAsyncEnumerable())
            .WriteAsync(_made, TestContext.Current.CancellationToken);
        var world = new OutsideWorld<(long Key, int Count)>();

        new SimulatedJob(1, DateTimeOffset.UnixEpoch, builder => Describe(builder, new InMemoryCheckpointStore(), world).RestoreFrom(_made)).Complete();

        Assert.Equal(
            Enumerable.Range(0, Keys).SelectMany(key => Enumerable.Range(1, Count / Keys).Select(count => ((long)key, (1_000 * key) + count))),
            world.Committed.Order());
    }

    [Fact]
    public async Task WriteAsync_OfTransformedState_ChangesThatAndKeepsTheRest()
    {
        var savepoint = new InMemoryCheckpointStore();
        var world = new OutsideWorld<(long Key, int Count)>();
        var first = new SimulatedJob(1, DateTimeOffset.UnixEpoch, builder => Describe(builder, new InMemoryCheckpointStore(), world));
        first.Step(300);
        var taken = first.Job.StopWithSavepointAsync(savepoint);
        first.Complete();
        await taken;
        var reader = await StateReader.OpenAsync(savepoint, TestContext.Current.CancellationToken);

        await SavepointBuilder.From(reader)
            .SetValues("count", "accumulator", reader.ReadValuesAsync<long, (long Key, int Count)>("count", "accumulator").Select(each => (each.Key, each.Value with { Count = each.Value.Count + 10_000 })))
            .RenameOperator("numbers", "entries")
            .WriteAsync(_made, TestContext.Current.CancellationToken);
        var rest = new OutsideWorld<(long Key, int Count)>();
        new SimulatedJob(2, DateTimeOffset.UnixEpoch, builder => Describe(builder, new InMemoryCheckpointStore(), rest, "entries").RestoreFrom(_made)).Complete();

        Assert.NotEmpty(world.Committed);
        Assert.Equal(
            Enumerable.Range(0, Keys).SelectMany(key => Enumerable.Range(1, Count / Keys).Select(count => ((long)key, count))),
            world.Committed.Concat(rest.Committed.Select(each => each with { Count = each.Count - 10_000 })).Order());
    }

    [Fact]
    public async Task WriteAsync_OfMoreThanFitsIntoOneRun_IsReadBack()
    {
        const int many = 260_000;
        await SavepointBuilder.Create("large")
            .SetValues("op", "values", AsyncEnumerable.Range(0, many).Select(i => ($"key {i * 7919 % many}", (long)(i * 7919 % many))))
            .SetLists("op", "lists", AsyncEnumerable.Range(0, 60_000).Select(i => ($"key {i}", (IReadOnlyList<int>)[i, i + 1, i + 2])))
            .SetMaps("op", "maps", AsyncEnumerable.Range(0, 1_000).Select(i => ($"key {i}", (IReadOnlyDictionary<int, string>)Enumerable.Range(0, 300).ToDictionary(j => j, j => $"{i}/{j}"))))
            .WriteAsync(_made, TestContext.Current.CancellationToken);

        var reader = await StateReader.OpenAsync(_made, TestContext.Current.CancellationToken);
        var values = await reader.ReadValuesAsync<string, long>("op", "values").ToListAsync(TestContext.Current.CancellationToken);
        var lists = await reader.ReadListsAsync<string, int>("op", "lists").ToListAsync(TestContext.Current.CancellationToken);
        var maps = await reader.ReadMapsAsync<string, int, string>("op", "maps").ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(0, many).Select(i => (long)i), values.Select(each => each.Value).Order());
        Assert.All(values, each => Assert.Equal($"key {each.Value}", each.Key));
        Assert.Equal(60_000, lists.Count);
        Assert.All(lists, each => Assert.Equal($"key {each.Items[0]}", each.Key));
        Assert.All(lists, each => Assert.Equal([each.Items[0], each.Items[0] + 1, each.Items[0] + 2], each.Items));
        Assert.Equal(1_000, maps.Count);
        Assert.All(maps, each => Assert.Equal((300, $"{each.Key[4..]}/299"), (each.Entries.Count, each.Entries[299])));
        Assert.All(SavepointFormat.Decode("savepoint", _made.Content("savepoint")).Operators, each => Assert.Equal(3, each.Segments.Count));
        Assert.Equal(4, _made.Names.Count); // a segment of each state and the entry: what was merged is gone
    }

    [Theory]
    [InlineData(10)]
    [InlineData(150_000)]
    public async Task WriteAsync_WithAKeyGivenTwice_IsRefusedAndLeavesNothing(int apart)
    {
        var builder = SavepointBuilder.Create("double").SetValues("op", "values", AsyncEnumerable.Range(0, 150_001).Select(i => ((long)(i % apart), i)));

        var error = await Assert.ThrowsAsync<StreamKitException>(() => builder.WriteAsync(_made));

        Assert.Contains("State 'values' of operator 'op'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Give each key once.", error.Message, StringComparison.Ordinal);
        Assert.Empty(_made.Names);
    }

    [Fact]
    public async Task RemoveState_OfOneOfTwo_LeavesTheOtherAndNoRowsOfIt()
    {
        var both = new InMemoryCheckpointStore();
        await SavepointBuilder.Create("both")
            .SetValues("op", "kept", AsyncEnumerable.Range(0, 100).Select(i => (i, i)))
            .SetValues("op", "removed", AsyncEnumerable.Range(0, 100).Select(i => (i, i)))
            .SetValues("gone", "state", AsyncEnumerable.Range(0, 100).Select(i => (i, i)))
            .WriteAsync(both, TestContext.Current.CancellationToken);
        var reader = await StateReader.OpenAsync(both, TestContext.Current.CancellationToken);

        await SavepointBuilder.From(reader).RemoveState("op", "removed").RemoveOperator("gone").WriteAsync(_made, TestContext.Current.CancellationToken);

        var made = await StateReader.OpenAsync(_made, TestContext.Current.CancellationToken);
        var op = Assert.Single(made.Operators);
        Assert.Equal(["kept"], op.States.Select(each => each.Name));
        var sizes = await made.MeasureAsync("op").ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(100, sizes.Sum(each => each.Rows));
        Assert.All(sizes, each => Assert.Equal("kept", each.State));
    }

    [Fact]
    public async Task From_ACheckpointWithTransactions_WantsToKnowThatTheyAreCommitted()
    {
        var store = new InMemoryCheckpointStore();
        var job = new SimulatedJob(1, DateTimeOffset.UnixEpoch, builder => Describe(builder, store, new OutsideWorld<(long Key, int Count)>()));
        job.Step(300);
        var stopped = job.Job.StopAsync();
        job.Complete();
        await stopped;
        var reader = await StateReader.OpenAsync(store, TestContext.Current.CancellationToken);

        var error = Assert.Throws<StreamKitException>(() => SavepointBuilder.From(reader));
        await SavepointBuilder.From(reader, isCommitted: true).WriteAsync(_made, TestContext.Current.CancellationToken);

        Assert.Contains("transactions that its sinks commit only after it", error.Message, StringComparison.Ordinal);
        Assert.Equal(reader.Checkpoint, (await StateReader.OpenAsync(_made, TestContext.Current.CancellationToken)).Checkpoint);
    }

    [Fact]
    public void Edits_ThatCannotBe_SayWhatThereIs()
    {
        var builder = SavepointBuilder.Create("job").SetValues("op", "state", AsyncEnumerable.Empty<(long, long)>()).SetValues("other", "state", AsyncEnumerable.Empty<(long, long)>());

        Assert.Contains("There is no operator 'x'. There are: 'op', 'other'.", Assert.Throws<StreamKitException>(() => builder.RemoveOperator("x")).Message, StringComparison.Ordinal);
        Assert.Contains("Operator 'op' cannot be called 'other'", Assert.Throws<StreamKitException>(() => builder.RenameOperator("op", "other")).Message, StringComparison.Ordinal);
        Assert.Contains("Operator 'op' has no keyed state 'x'. It has: 'state'.", Assert.Throws<StreamKitException>(() => builder.RemoveState("op", "x")).Message, StringComparison.Ordinal);
        Assert.Contains("The keys of operator 'op' are int64, those of state 'b' would be string.", Assert.Throws<StreamKitException>(() => builder.SetValues("op", "b", AsyncEnumerable.Empty<(string, long)>())).Message, StringComparison.Ordinal);
    }

    private static StreamJobBuilder Describe(StreamJobBuilder builder, InMemoryCheckpointStore store, OutsideWorld<(long Key, int Count)> world, string source = "numbers")
    {
        builder.Parallelism = 2;
        builder.RestartStrategy = RestartStrategy.None;
        builder.UseCheckpoints(store, TimeSpan.FromMilliseconds(50));
        builder.FromSource(source, Source.Range(0, Count).WithRateLimit(1_000))
            .KeyBy(x => x % Keys)
            .Scan("count", () => (Key: 0L, Count: 0), (state, x) => (x % Keys, state.Count + 1))
            .SinkTo("out", world.AsSink());
        return builder;
    }
}
