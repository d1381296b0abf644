using StreamKit.Connectors;

namespace StreamKit.Tests.Connectors;

public class CollectSinkTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Results_BeforeTheCommit_AreNotThere(bool isDurable)
    {
        var results = new CollectedResults<string>();
        var harness = new SinkHarness<string>(new CollectSink<string>(results), isDurable: isDurable);
        await harness.StartAsync();

        await harness.WriteAsync("a", "b");
        await harness.PrepareAsync();
        harness.CompleteCheckpoint();
        int before = results.Count;
        await harness.CommitAsync();

        Assert.Equal(0, before);
        Assert.Equal(["a", "b"], results);
        Assert.Equal("b", results[1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Results_RestartBetweenPreparationAndCommit_AreThereOnce(bool isDurable)
    {
        var results = new CollectedResults<int>();
        var harness = new SinkHarness<int>(new CollectSink<int>(results), isDurable: isDurable);
        await harness.StartAsync();
        await harness.WriteAsync(1, 2);
        await harness.PrepareAsync();
        harness.CompleteCheckpoint();
        await harness.WriteAsync(3);
        await harness.PrepareAsync();

        await harness.StartAsync();
        await harness.CommitAsync();
        await harness.WriteAsync(3, 4);
        await harness.CheckpointAsync();

        Assert.Equal([1, 2, 3, 4], results);
    }

    [Fact]
    public async Task Results_OfADurableCheckpoint_AreCommittedByAnotherProcess()
    {
        var harness = new SinkHarness<Row>(new CollectSink<Row>(new CollectedResults<Row>()));
        await harness.StartAsync();
        await harness.WriteAsync(new Row(1, "a", 1.50m), new Row(2, "b", null));
        await harness.PrepareAsync();
        harness.CompleteCheckpoint();

        var results = new CollectedResults<Row>();
        await harness.StartAsync(new CollectSink<Row>(results));

        Assert.Equal([new Row(1, "a", 1.50m), new Row(2, "b", null)], results);
    }

    [Fact]
    public async Task Results_OfAnotherProcessWithoutDurableCheckpoint_FailLoudly()
    {
        var harness = new SinkHarness<int>(new CollectSink<int>(new CollectedResults<int>()), isDurable: false);
        await harness.StartAsync();
        await harness.WriteAsync(1);
        await harness.PrepareAsync();
        harness.CompleteCheckpoint();

        StreamKitException e = await Assert.ThrowsAsync<StreamKitException>(() => harness.StartAsync(new CollectSink<int>(new CollectedResults<int>())));

        Assert.Contains("'out'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_TypeThatCannotBeSerialized_IsAProblemOfDurableJobsOnly()
    {
        var sink = new CollectSink<Stream>(new CollectedResults<Stream>());

        string[] durable = [.. sink.Validate(new SerializerRegistry(), isDurable: true)];
        string[] inMemory = [.. sink.Validate(new SerializerRegistry(), isDurable: false)];

        Assert.Contains("Stream", string.Join(' ', durable), StringComparison.Ordinal);
        Assert.Empty(inMemory);
    }

    [Fact]
    public async Task Results_ReadWhileCommitting_AreWholeTransactions()
    {
        var results = new CollectedResults<int>();
        var harness = new SinkHarness<int>(new CollectSink<int>(results), isDurable: false);
        await harness.StartAsync();
        using var stop = new CancellationTokenSource();
        Task<bool> reading = Task.Run(() =>
        {
            bool whole = true;
            while (!stop.IsCancellationRequested)
                whole &= results.ToList().Count % 3 == 0;
            return whole;
        });

        for (int i = 0; i < 300; i++)
        {
            await harness.WriteAsync(i, i, i);
            await harness.CheckpointAsync();
        }

        await stop.CancelAsync();
        Assert.True(await reading);
        Assert.Equal(900, results.Count);
    }
}
