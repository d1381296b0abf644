using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

public class OperatorListStateTests
{
    [Theory]
    [InlineData(2, 2)]
    [InlineData(2, 5)]
    [InlineData(4, 1)]
    public void ListState_RestoredAtAnotherParallelism_KeepsEveryItemOnce(int before, int after)
    {
        var store = new InMemoryCheckpointStore();
        var held = new List<long>();
        var first = new SimulatedJob(11, DateTimeOffset.UnixEpoch, builder => Describe(builder, store, before, []));
        first.Step(150);
        first.Job.StopAsync();
        first.Complete();

        var second = new SimulatedJob(12, DateTimeOffset.UnixEpoch, builder => Describe(builder, store, after, held));
        second.Complete();

        Assert.Equal(JobStatus.Stopped, first.Job.Status);
        Assert.Equal(Enumerable.Range(0, 300).Select(x => (long)x), held.Order());
    }

    private static void Describe(StreamJobBuilder builder, InMemoryCheckpointStore store, int parallelism, List<long> held)
    {
        builder.Parallelism = parallelism;
        builder.UseCheckpoints(store, TimeSpan.FromMilliseconds(50));
        builder.FromSource("numbers", Source.Range(0, 300).WithRateLimit(200))
            .Process("hold", () => new Hold(held))
            .SinkTo("out", new ActionSink<long>(_ => { }));
    }

    /// <summary>Keeps every record in the state of its subtask, and shows what it has when it is closed.</summary>
    private sealed class Hold(List<long> held) : ProcessFunction<long, long>
    {
        private OperatorListState<long> _items = null!; // set in Open

        public override void Open(OperatorContext context) => _items = context.ListState<long>("items");

        public override void Process(long value, Context context)
        {
            _items.Items.Add(value);
            context.Collect(value);
        }

        public override void Close() => held.AddRange(_items.Items);
    }
}
