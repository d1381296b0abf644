using System.Collections.Concurrent;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Windowing;

public class WindowVerbTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Window_InAJob_GivesTheResultsOfEveryVerb(int parallelism)
    {
        var builder = StreamJob.CreateBuilder("windows");
        builder.Parallelism = parallelism;
        var byKey = builder
            .FromSource("numbers", Source.Range(0, 1000))
            .AssignTimestampsAndWatermarks(w => w.Monotonous().WithTimestamp(static x => x))
            .KeyBy(static x => x % 5);
        var tumbling = byKey.Window(TumblingEventTimeWindows.Of(TimeSpan.FromMilliseconds(100)));
        var results = new ConcurrentBag<string>();
        tumbling.Reduce("max", Math.Max, static (key, window, max) => $"max {key} {window.EndMilliseconds} {max}").SinkTo("max-sink", new ActionSink<string>(results.Add));
        tumbling.Aggregate("count", new Count(), static (key, window, count) => $"count {key} {window.EndMilliseconds} {count}").SinkTo("count-sink", new ActionSink<string>(results.Add));
        byKey.Window(SlidingEventTimeWindows.Of(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(100))).Process("all", static () => new All()).SinkTo("all-sink", new ActionSink<string>(results.Add));

        await using var job = builder.Build();
        await job.RunAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        var expected = new List<string>();
        for (var key = 0; key < 5; key++)
        {
            for (var end = 100; end <= 1000; end += 100)
                expected.AddRange([$"max {key} {end} {end - 5 + key}", $"count {key} {end} 20"]);
            for (var end = 100; end <= 1100; end += 100)
                expected.Add($"all {key} {end} {(end is 100 or 1100 ? 20 : 40)}");
        }

        Assert.Equal(expected.Order(StringComparer.Ordinal), results.Order(StringComparer.Ordinal));
    }

    private sealed class Count : AggregateFunction<long, long, long>
    {
        public override long CreateAccumulator() => 0;

        public override long Add(long accumulator, long value) => accumulator + 1;

        public override long GetResult(long accumulator) => accumulator;

        public override long Merge(long left, long right) => left + right;
    }

    private sealed class All : ProcessWindowFunction<long, long, string>
    {
        public override void Process(long key, TimeWindow window, IReadOnlyList<long> elements, Context context) =>
            context.Collect($"all {key} {window.EndMilliseconds} {elements.Count}");
    }
}
