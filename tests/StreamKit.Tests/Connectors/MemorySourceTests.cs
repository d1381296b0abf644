using System.Threading.Channels;

namespace StreamKit.Tests.Connectors;

public class MemorySourceTests
{
    public static TheoryData<string> Collections => ["array", "list", "covariant", "readonly", "lazy"];

    private static Source<object> Collection(string kind) => kind switch
    {
        "array" => Source.FromCollection<object>(new object[] { "a", "b", "c", "d" }),
        "list" => Source.FromCollection<object>(new List<object> { "a", "b", "c", "d" }),
        "covariant" => Source.FromCollection<object>((IReadOnlyList<object>)new string[] { "a", "b", "c", "d" }),
        "readonly" => Source.FromCollection<object>(new List<string> { "a", "b", "c", "d" }.AsReadOnly()),
        _ => Source.FromCollection(new[] { "a", "b", "c", "d" }.Where(_ => true).Select(object (text) => text)),
    };

    [Theory]
    [MemberData(nameof(Collections))]
    public async Task FromCollection_EveryPosition_GivesTheRest(string kind)
    {
        Source<object> source = Collection(kind);
        SourceSplit split = Assert.Single(await source.DiscoverAsync());

        await CheckEveryPositionAsync(source, split, ["a", "b", "c", "d"]);

        Assert.True(source.IsBounded && source.IsReplayable);
    }

    [Theory]
    [InlineData(0, 0, 8)]
    [InlineData(5, 1, 8)]
    [InlineData(-3, 20, 8)]
    [InlineData(100, 1000, 3)]
    [InlineData(long.MaxValue - 9, 10, 4)]
    public async Task Range_AllSplits_GiveEveryNumberOnceInOrder(long from, int count, int splits)
    {
        Source<long> source = Source.Range(from, count, splits);
        var all = new List<long>();

        foreach (SourceSplit split in await source.DiscoverAsync())
        {
            Reading<long> reading = await source.ReadAsync(split);
            await CheckEveryPositionAsync(source, split, [.. reading.Records]);
            Assert.Equal(reading.Records.Order(), reading.Records);
            all.AddRange(reading.Records);
        }

        Assert.Equal(Enumerable.Range(0, count).Select(i => from + i), all.Order());
    }

    [Fact]
    public async Task Range_SplitsOfAnEarlierRun_AreReadAsTheyWere()
    {
        SourceSplit[] splits = [.. await Source.Range(0, 100, splits: 8).DiscoverAsync()];
        Source<long> changed = Source.Range(0, 100, splits: 3);
        var all = new List<long>();

        foreach (SourceSplit split in splits)
            all.AddRange((await changed.ReadAsync(split)).Records);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), all.Order());
    }

    [Fact]
    public void Range_SplitOfAnotherSource_IsRefused()
    {
        StreamKitException e = Assert.Throws<StreamKitException>(() => Source.Range(0, 1).CreateReader(new SourceSplit("x", "a file"), default, SourceHarness.Context()));

        Assert.Contains("'a file'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_WithoutCount_GoesOn()
    {
        Source<string> source = Source.Generate(i => $"#{i}", splits: 2);
        SourceSplit second = (await source.DiscoverAsync())[1];
        var batch = new SplitBatch<string>();
        await using SplitReader<string> reader = source.CreateReader(second, new SourcePosition(1_000_000), SourceHarness.Context());

        bool more = await reader.ReadAsync(batch, default);

        Assert.True(more);
        Assert.False(source.IsBounded);
        Assert.Equal(batch.Batch.Capacity, batch.Count);
        Assert.Equal("#2000001", batch.Batch.Values[0]);
    }

    [Fact]
    public async Task FromChannel_RecordsComeAndEnd_GivesThemAsTheyCome()
    {
        var channel = Channel.CreateUnbounded<int>();
        Source<int> source = Source.FromChannel(channel.Reader);
        var batch = new SplitBatch<int> { Limit = 2 };
        await using SplitReader<int> reader = source.CreateReader(Assert.Single(await source.DiscoverAsync()), new SourcePosition(10), SourceHarness.Context());
        channel.Writer.TryWrite(1);
        channel.Writer.TryWrite(2);
        channel.Writer.TryWrite(3);

        Assert.True(await reader.ReadAsync(batch, default));
        Assert.Equal([1, 2], batch.Batch.Span.ToArray());
        Assert.Equal(12, batch.Position.Offset);
        batch.Batch.Reset();
        Assert.True(await reader.ReadAsync(batch, default));
        Assert.Equal(3, Assert.Single(batch.Batch.Span.ToArray()));
        batch.Batch.Reset();
        ValueTask<bool> waiting = reader.ReadAsync(batch, default);
        Assert.False(waiting.IsCompleted);
        channel.Writer.TryWrite(4);
        Assert.True(await waiting);
        Assert.Equal((4, 14L), (Assert.Single(batch.Batch.Span.ToArray()), batch.Position.Offset));
        batch.Batch.Reset();
        channel.Writer.Complete();
        Assert.False(await reader.ReadAsync(batch, default));
        Assert.False(source.IsReplayable || source.IsBounded);
    }

    [Fact]
    public async Task FromChannel_CompletedWithAnError_Fails()
    {
        var channel = Channel.CreateUnbounded<int>();
        channel.Writer.Complete(new FormatException("broken"));

        await Assert.ThrowsAsync<FormatException>(() => Source.FromChannel(channel.Reader).ReadAsync(new SourceSplit("0")));
    }

    [Fact]
    public async Task FromChannel_CancelledWhileWaiting_Ends()
    {
        using var stop = new CancellationTokenSource();
        await using SplitReader<int> reader = Source.FromChannel(Channel.CreateUnbounded<int>().Reader).CreateReader(new SourceSplit("0"), default, SourceHarness.Context());

        ValueTask<bool> waiting = reader.ReadAsync(new SplitBatch<int>(), stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.AsTask());
    }

    [Fact]
    public async Task FromAsyncEnumerable_StepThatWaits_HandsOverWhatIsThere()
    {
        var gate = new TaskCompletionSource();
        bool disposed = false;
        await using SplitReader<int> reader = Source.FromAsyncEnumerable(Items()).CreateReader(new SourceSplit("0"), default, SourceHarness.Context());
        var batch = new SplitBatch<int>();

        Assert.True(await reader.ReadAsync(batch, default));
        Assert.Equal([1, 2], batch.Batch.Span.ToArray());
        Assert.Equal(2, batch.Position.Offset);
        batch.Batch.Reset();
        ValueTask<bool> waiting = reader.ReadAsync(batch, default);
        Assert.False(waiting.IsCompleted);
        gate.SetResult();
        Assert.False(await waiting);
        Assert.Equal([3], batch.Batch.Span.ToArray());
        Assert.Equal(3, batch.Position.Offset);
        Assert.True(disposed);

        async IAsyncEnumerable<int> Items()
        {
            try
            {
                yield return 1;
                yield return 2;
                await gate.Task;
                yield return 3;
            }
            finally
            {
                disposed = true;
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FromAsyncEnumerable_DisposedDuringAStep_DisposesTheEnumerator(bool obeysToken)
    {
        var gate = new TaskCompletionSource();
        var disposed = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        SplitReader<int> reader = Source.FromAsyncEnumerable(Items()).CreateReader(new SourceSplit("0"), default, SourceHarness.Context());
        Task<bool> waiting = reader.ReadAsync(new SplitBatch<int>(), stop.Token).AsTask();

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await reader.DisposeAsync();
        gate.SetResult();

        await disposed.Task.WaitAsync(TimeSpan.FromSeconds(10));

        async IAsyncEnumerable<int> Items([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token = default)
        {
            try
            {
                await (obeysToken ? gate.Task.WaitAsync(token) : gate.Task);
                yield return 1;
            }
            finally
            {
                disposed.SetResult();
            }
        }
    }

    private static async Task CheckEveryPositionAsync<T>(Source<T> source, SourceSplit split, T[] expected)
    {
        Reading<T> single = await source.ReadAsync(split, batchSize: 1);
        Assert.Equal(expected, single.Records);
        foreach ((int count, _, SourcePosition position) in single.Positions)
            Assert.Equal(expected[count..], (await source.ReadAsync(split, position)).Records);
    }
}
