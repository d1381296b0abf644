using StreamKit.Connectors;

namespace StreamKit.Tests.Connectors;

public class SimpleSinkTests
{
    [Fact]
    public async Task ForEach_Action_SeesEveryRecord()
    {
        var seen = new List<int>();
        var harness = new SinkHarness<int>(Sink.ForEach<int>(seen.Add));

        await harness.StartAsync();
        await harness.WriteAsync(1, 2);
        await harness.CheckpointAsync();

        Assert.Equal([1, 2], seen);
    }

    [Fact]
    public async Task ForEach_SlowFunction_IsCalledInOrderOneAtATime()
    {
        var seen = new List<int>();
        var gate = new TaskCompletionSource();
        int running = 0;
        var harness = new SinkHarness<int>(Sink.ForEach<int>(async (value, token) =>
        {
            Assert.Equal(1, ++running);
            await gate.Task.WaitAsync(token);
            seen.Add(value);
            running--;
        }));
        await harness.StartAsync();
        harness.Writer.Write(1, 0);
        harness.Writer.Write(2, 0);

        ValueTask<IReadOnlyList<Committable>> prepared = harness.Writer.PrepareCommitAsync(default);
        harness.Writer.Write(3, 0);
        ValueTask flushed = harness.Writer.FlushAsync(default);
        harness.Writer.Write(4, 0);
        bool waited = !prepared.IsCompleted && !flushed.IsCompleted;
        gate.SetResult();
        await prepared;
        await flushed;
        await harness.Writer.FlushAsync(default);

        Assert.True(waited);
        Assert.Equal([1, 2, 3, 4], seen);
    }

    [Fact]
    public async Task ForEach_FunctionThatFails_FailsTheFlush()
    {
        var harness = new SinkHarness<int>(Sink.ForEach<int>((_, _) => ValueTask.FromException(new InvalidOperationException("no"))));
        await harness.StartAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => harness.WriteAsync(1));
        await Assert.ThrowsAsync<InvalidOperationException>(harness.PrepareAsync);
    }

    [Fact]
    public async Task Text_Batch_IsPrintedAtOnce()
    {
        var output = new StringWriter { NewLine = "\n" };
        var harness = new SinkHarness<int>(new TextSink<int>(() => output, value => $"<{value}>"));
        await harness.StartAsync();

        harness.Writer.Write(1, 0);
        string before = output.ToString();
        await harness.WriteAsync(2);
        harness.Writer.Write(3, 0);
        await harness.CheckpointAsync();

        Assert.Empty(before);
        Assert.Equal("<1>\n<2>\n<3>\n", output.ToString());
    }

    [Fact]
    public async Task Discard_Record_IsTaken()
    {
        var harness = new SinkHarness<int>(Sink.Discard<int>());

        await harness.StartAsync();
        await harness.WriteAsync(1);
        await harness.CheckpointAsync();

        Assert.Empty(harness.Checkpoint);
        Assert.Equal(SinkGuarantee.AtLeastOnce, Sink.Discard<int>().Guarantee);
    }
}
