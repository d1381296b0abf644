using StreamKit.Operators;
using StreamKit.State;
using StreamKit.Tests.TestSupport;
using StreamKit.Windowing;

namespace StreamKit.Tests.Windowing;

/// <summary>What a failure in a function of windows says.</summary>
public class WindowFailureTests
{
    private const string Window = "the window from 100 (1970-01-01T00:00:00.100Z) to 200 (1970-01-01T00:00:00.200Z)";

    [Fact]
    public async Task Result_OfAKeyThrows_FailsNamingWindowAndKey()
    {
        await using var harness = Harness(Settings(100, 100), static () => new ResultOfKey3());
        harness.Send([(1, 110), (3, 120), (5, 130)]);

        var error = Assert.Throws<OperatorFailedException>(() => harness.Watermark(199));

        Assert.Equal(Window, error.Firing);
        Assert.Equal("3", error.Key);
        Assert.Null(error.Record);
        Assert.IsType<InvalidOperationException>(error.InnerException);
        Assert.Equal($"Operator 'test' (subtask 0 of 1) failed firing {Window} for key 3: no result", error.Message);
    }

    [Fact]
    public async Task Merge_OfSlicesOfAKeyThrows_FailsNamingWindowAndKey()
    {
        await using var harness = Harness(Settings(100, 50), static () => new MergeOf1003());
        harness.Send([(1, 110), (1, 160), (1003, 110), (1003, 160), (5, 110), (5, 160)]);

        var error = Assert.Throws<OperatorFailedException>(() => harness.Watermark(199));

        Assert.Equal(Window, error.Firing);
        Assert.Equal("3", error.Key);
        Assert.Equal("no merge", error.InnerException!.Message);
    }

    [Fact]
    public async Task Result_AgainForALateRecordThrows_FailsNamingRecordWindowAndKey()
    {
        await using var harness = Harness(Settings(100, 100) with { AllowedLateness = 1000 }, static () => new ResultOfKey3());
        harness.Watermark(250);

        var error = Assert.Throws<OperatorFailedException>(() => harness.Send([(1, 110), (1003, 120), (5, 130)]));

        Assert.Equal("1003", error.Record);
        Assert.Equal(Window, error.Firing);
        Assert.Equal("3", error.Key);
        Assert.Equal($"Operator 'test' (subtask 0 of 1) failed on record 1003 firing {Window} for key 3: no result", error.Message);
    }

    [Fact]
    public async Task Merge_AgainForALateRecordThrows_FailsNamingRecordWindowAndKey()
    {
        await using var harness = Harness(Settings(100, 50) with { AllowedLateness = 1000 }, static () => new MergeOf1003());
        harness.Watermark(250);

        var error = Assert.Throws<OperatorFailedException>(() => harness.Send([(1, 110), (1003, 110), (1003, 160)]));

        Assert.Equal("1003", error.Record);
        Assert.Equal(Window, error.Firing);
        Assert.Equal("3", error.Key);
    }

    [Fact]
    public async Task Add_OfALateRecordThrows_FailsNamingTheRecordOnly()
    {
        await using var harness = Harness(Settings(100, 100) with { AllowedLateness = 1000 }, static () => new AddOf1003());
        harness.Watermark(250);

        var error = Assert.Throws<OperatorFailedException>(() => harness.Send([(1, 110), (1003, 120)]));

        Assert.Equal("1003", error.Record);
        Assert.Null(error.Firing);
        Assert.Null(error.Key);
    }

    [Fact]
    public void Process_InAJobThrows_FailsNamingWindowAndKeyUnlessItIsKeptOut()
    {
        var told = Failure(static builder => { });
        var untold = Failure(static builder => builder.DescribeRecord = static _ => null);

        Assert.Equal(("process", Window, "3"), (told.OperatorName, told.Firing, told.Key));
        Assert.Equal(("process", Window, null), (untold.OperatorName, untold.Firing, untold.Key));
        Assert.Equal($"Operator 'process' (subtask 0 of 1) failed firing {Window}: no list", untold.Message);
    }

    private static OperatorFailedException Failure(Action<StreamJobBuilder> configure)
    {
        var job = new SimulatedJob(1, DateTimeOffset.UnixEpoch, builder =>
        {
            builder.Parallelism = 1;
            builder.RestartStrategy = RestartStrategy.None;
            configure(builder);
            builder.FromSource("numbers", Source.Range(0, 300).WithRateLimit(1_000))
                .AssignTimestampsAndWatermarks(static w => w.Monotonous().WithTimestamp(static x => x))
                .KeyBy(static x => x % 10)
                .Window(TumblingEventTimeWindows.Of(TimeSpan.FromMilliseconds(100)))
                .Process("process", static () => new ListOf103())
                .SinkTo("out", new OutsideWorld<long>().AsSink());
        });
        var error = Assert.Throws<JobFailedException>(() => job.Complete());
        return Assert.IsType<OperatorFailedException>(Assert.Single(error.Failures));
    }

    private static WindowSettings<long> Settings(long size, long slide) => new(new WindowLayout(size, slide, 0));

    private static OperatorHarness<long, long, long> Harness(WindowSettings<long> settings, Func<Sum> function) => new(
        () => new WindowOperator<long, long, long, long, AggregateWindow<long, long, long, long, long>, SharedSite>(KeySelector<long, long>.Of(static x => x % 10), settings, new(function(), static (_, _, sum) => sum)),
        static x => x % 10,
        new SerializerRegistry());

    private class Sum : AggregateFunction<long, long, long>
    {
        public override long CreateAccumulator() => 0;

        public override long Add(long accumulator, long value) => accumulator + value;

        public override long GetResult(long accumulator) => accumulator;

        public override long Merge(long left, long right) => left + right;
    }

    private sealed class ResultOfKey3 : Sum
    {
        public override long GetResult(long accumulator) => accumulator % 10 == 3 ? throw new InvalidOperationException("no result") : accumulator;
    }

    private sealed class MergeOf1003 : Sum
    {
        public override long Merge(long left, long right) => left == 1003 ? throw new InvalidOperationException("no merge") : left + right;
    }

    private sealed class AddOf1003 : Sum
    {
        public override long Add(long accumulator, long value) => value == 1003 ? throw new InvalidOperationException("no record") : accumulator + value;
    }

    private sealed class ListOf103 : ProcessWindowFunction<long, long, long>
    {
        public override void Process(long key, TimeWindow window, IReadOnlyList<long> elements, Context context)
        {
            if (elements.Contains(103))
                throw new InvalidOperationException("no list");
            context.Collect(elements.Count);
        }
    }
}
