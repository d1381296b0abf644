using System.Collections.Concurrent;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

/// <summary>Sources with more splits per subtask than are read at once.</summary>
public class ManySplitsTests
{
    private const int Splits = 40;

    [Fact]
    public void Source_OfEndlessSplits_ReadsThemAllAndItsWatermarkRises()
    {
        var windows = new ConcurrentBag<long>();
        var job = new SimulatedJob(1, DateTimeOffset.UnixEpoch, builder =>
        {
            builder.Parallelism = 1;
            Describe(builder, Source.Generate(static x => x, eventsPerSecond: 100_000, splits: Splits), windows);
        });

        for (var steps = 0; windows.Count < 5 && steps < 200; steps++)
            job.Step(100);

        Assert.True(windows.Count >= 5, "No window fires, because a split that is never read holds the watermark back.");
        Assert.All(windows, static records => Assert.Equal(100, records));
    }

    [Fact]
    public void Source_OfSplitsThatEnd_MakesNoRecordsLate()
    {
        var windows = new ConcurrentBag<long>();
        var job = new SimulatedJob(2, DateTimeOffset.UnixEpoch, builder =>
        {
            builder.Parallelism = 1;
            Describe(builder, Source.Range(0, 10_000, Splits), windows);
        });

        job.Complete();

        Assert.Equal(100, windows.Count);
        Assert.All(windows, static records => Assert.Equal(100, records));
    }

    /// <summary>Counts the records of each window.</summary>
    private static void Describe(StreamJobBuilder builder, Source<long> source, ConcurrentBag<long> windows) => builder
        .FromSource("numbers", source)
        .AssignTimestampsAndWatermarks(static w => w.Monotonous().WithTimestamp(static x => x))
        .KeyBy(static _ => 0)
        .Window(TumblingEventTimeWindows.Of(TimeSpan.FromMilliseconds(100)))
        .Process("windows", static () => new Count())
        .SinkTo("out", new ActionSink<long>(windows.Add));

    private sealed class Count : ProcessWindowFunction<int, long, long>
    {
        public override void Process(int key, TimeWindow window, IReadOnlyList<long> elements, Context context) => context.Collect(elements.Count);
    }
}
