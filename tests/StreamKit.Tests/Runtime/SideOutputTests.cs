using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

public class SideOutputTests
{
    private static readonly OutputTag<string> s_odd = new("odd");

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    public void SideOutput_OfAProcessFunction_ComesOnItsOwnStream(int parallelism, ulong seed)
    {
        var even = new OutsideWorld<long>();
        var odd = new OutsideWorld<string>();
        var everything = new OutsideWorld<long>();
        var job = new SimulatedJob(seed, DateTimeOffset.UnixEpoch, builder =>
        {
            builder.Parallelism = parallelism;
            var numbers = builder.FromSource("numbers", Source.Range(0, 1_000));
            var split = numbers.Process("split", () => new Split());
            split.SinkTo("even", even.AsSink());
            split.SideOutput(s_odd).Filter(text => text != "7").SinkTo("odd", odd.AsSink());
            numbers.Union(numbers.Filter(x => x < 10)).Rebalance().SinkTo("everything", everything.AsSink());
        });

        job.Complete();

        Assert.Equal(500, even.Committed.Count);
        Assert.Equal(499, odd.Committed.Count);
        Assert.DoesNotContain("7", odd.Committed);
        Assert.Equal(1_010, everything.Committed.Count);
    }

    [Fact]
    public void Broadcast_SendsEveryRecordToEverySubtask_AndGlobalToTheFirst()
    {
        var broadcast = new OutsideWorld<long>();
        var global = new OutsideWorld<int>();
        var job = new SimulatedJob(4, DateTimeOffset.UnixEpoch, builder =>
        {
            builder.Parallelism = 3;
            var numbers = builder.FromSource("numbers", Source.Range(0, 100));
            numbers.Broadcast().Map(x => x).SinkTo("broadcast", broadcast.AsSink());
            numbers.Global().Process("where", () => new Where()).SinkTo("global", global.AsSink());
        });

        job.Complete();

        Assert.Equal(300, broadcast.Committed.Count);
        Assert.Equal(Enumerable.Repeat(0, 100), global.Committed);
    }

    private sealed class Split : ProcessFunction<long, long>
    {
        public override void Process(long value, Context context)
        {
            if (value % 2 == 0)
                context.Collect(value);
            else
                context.Output(s_odd, $"{value}");
        }
    }

    private sealed class Where : ProcessFunction<long, int>
    {
        private int _subtask;

        public override void Open(OperatorContext context) => _subtask = context.Subtask;

        public override void Process(long value, Context context) => context.Collect(_subtask);
    }
}
