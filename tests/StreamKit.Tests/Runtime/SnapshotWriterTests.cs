using Microsoft.Extensions.Logging.Abstractions;
using StreamKit.Checkpoints;
using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.Runtime;
using StreamKit.State;
using StreamKit.Tests.TestSupport;
using StreamKit.Windowing;

namespace StreamKit.Tests.Runtime;

/// <summary>What becomes of the cut of each stateful operator in a checkpoint.</summary>
public class SnapshotWriterTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public Task Write_CutOfTumblingWindows_NamesThemAndHoldsTheirRows() =>
        AssertWritten(Windows(new WindowLayout(100, 100, 0)), rows: 2, "$windows of 100 ms every 100 ms from 0 ms");

    [Fact]
    public Task Write_CutOfSlidingWindows_NamesThemAndHoldsTheirRows() =>
        AssertWritten(Windows(new WindowLayout(100, 20, 7)), rows: 3, "$windows of 100 ms every 20 ms from 7 ms");

    [Fact]
    public Task Write_CutOfAKeyedFunction_NamesItsStatesAndTimersAndHoldsTheirRows() =>
        AssertWritten(new KeyedProcessOperator<long, long, long>(KeySelector<long, long>.Of(KeyOf), static () => new Function()), rows: 4, "$timers", "sum");

    [Fact]
    public Task Write_CutOfAScan_NamesItsStateAndHoldsItsRows() =>
        AssertWritten(new ScanOperator<long, long, long, SharedSite>(KeySelector<long, long>.Of(KeyOf), static () => 0, static (sum, value) => sum + value), rows: 2, "accumulator");

    /// <summary>Three records of two keys, in two tumbling windows of 100 ms and in three slices of 20 ms.</summary>
    private static async Task AssertWritten(Operator<long, long> created, int rows, params string[] states)
    {
        await using var harness = new OperatorHarness<long, long, long>(() => created, KeyOf, new SerializerRegistry());
        harness.Send([(1, 110), (11, 130), (2, 150)]);
        var log = await CheckpointLog.ClaimAsync(
            new InMemoryCheckpointStore(), "job", OperatorHarness<long, long, long>.MaxParallelism, 1, new RunnerClaims(), () => new Guid(1, 0, 0, new byte[8]), harness.Clock, NullLogger.Instance, None);

        var cut = harness.Cut().Subtasks[0];
        Assert.True(cut.Keyed!.Advance(int.MaxValue));
        await using var stored = new StoredState(created.Keyed!.Schemas, state => new SegmentChain(
            new SegmentChainSetup { OperatorName = "test", Subtask = 0, Store = log.Store, Claim = log.Claim, Part = "part", Run = static work => work(), Room = new MergeRoom(), Logger = NullLogger.Instance, DeadRows = () => state.DeadRows }, [], None));
        var written = await new SnapshotWriter(log, _ => stored, 1, 0).WriteAsync(cut, "part", new CheckpointBarrier(1, stops: false), None);

        Assert.Equal(states, written.States.Select(static state => state.Name));
        Assert.NotNull(written.Key);
        var segment = Assert.Single(written.Segments);
        var reader = await SegmentReader.OpenAsync(new MemorySegmentSource("segment", segment.Inline), segment.Checksum, None);
        Assert.Equal(rows, reader.Info.Rows);
    }

    private static long KeyOf(long value) => value % 10;

    private static WindowOperator<long, long, long, long, ReduceWindow<long, long, long>, SharedSite> Windows(WindowLayout layout) =>
        new(KeySelector<long, long>.Of(KeyOf), new WindowSettings<long>(layout), new(static (sum, value) => sum + value, static (_, _, sum) => sum));

    private sealed class Function : KeyedProcessFunction<long, long, long>
    {
        private ValueState<long> _sum = null!; // set in Open

        public override void Open(OperatorContext context) => _sum = context.State.Value<long>("sum");

        public override void Process(long value, Context context)
        {
            _sum.Value += value;
            context.Timers.RegisterEventTime(1000);
        }
    }
}
