using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

public class IdlenessTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Watermark_WithASilentSplit_GoesOnOnceTheSplitIsIdle(int parallelism)
    {
        var watermarks = new List<(long Watermark, DateTimeOffset At)>();
        var job = new SimulatedJob(21, DateTimeOffset.UnixEpoch, builder =>
        {
            builder.Parallelism = parallelism;
            var time = builder.TimeProvider;
            builder.FromSource("uneven", new UnevenSource())
                .AssignTimestampsAndWatermarks(w => w.Monotonous().WithTimestamp(x => x).WithIdleness(TimeSpan.FromSeconds(2)))
                .Global()
                .Process("look", () => new Look(watermark => watermarks.Add((watermark, time.GetUtcNow()))))
                .SinkTo("out", new ActionSink<long>(_ => { }));
        });

        job.Complete();

        var risen = watermarks.First(each => each.Watermark > long.MinValue);
        Assert.True(risen.At >= DateTimeOffset.UnixEpoch.AddSeconds(2), $"The silent split held the watermark back until it was idle, but it rose at {risen.At}.");
        Assert.True(risen.At < DateTimeOffset.UnixEpoch.AddSeconds(5), $"The watermark must not wait for the silent split's end, but it rose at {risen.At}.");
        Assert.Equal(110, watermarks.Count);
    }

    /// <summary>Split "a" gives a record each 100 ms for 10 s; split "b" is silent for 8 s.</summary>
    private sealed class UnevenSource : Source<long>
    {
        public override ValueTask<IReadOnlyList<SourceSplit>> DiscoverSplitsAsync(SourceContext context, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<SourceSplit>>([new SourceSplit("a"), new SourceSplit("b")]);

        public override SplitReader<long> CreateReader(SourceSplit split, SourcePosition position, SourceContext context) =>
            split.Id == "a" ? new Reader(context.TimeProvider, 100, TimeSpan.Zero) : new Reader(context.TimeProvider, 10, TimeSpan.FromSeconds(8));
    }

    private sealed class Reader(TimeProvider time, int count, TimeSpan silence) : SplitReader<long>
    {
        private int _read;

        public override async ValueTask<bool> ReadAsync(SplitBatch<long> batch, CancellationToken cancellationToken)
        {
            await Task.Delay(_read == 0 && silence > TimeSpan.Zero ? silence : TimeSpan.FromMilliseconds(100), time, cancellationToken);
            batch.Add(time.GetUtcNow().ToUnixTimeMilliseconds());
            batch.Position = new SourcePosition(++_read);
            return _read < count;
        }
    }

    private sealed class Look(Action<long> look) : ProcessFunction<long, long>
    {
        public override void Process(long value, Context context)
        {
            look(context.Watermark);
            context.Collect(value);
        }
    }
}
