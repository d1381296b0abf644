using StreamKit.Connectors;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Connectors;

public class RateLimitTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(2)]
    [InlineData(100)]
    [InlineData(1_000)]
    [InlineData(50_000)]
    public async Task WithRateLimit_AllSplitsTogether_GiveTheRate(double rate)
    {
        SynchronizationContext.SetSynchronizationContext(null); // what waits for the clock goes on inside Advance
        var clock = new ManualTimeProvider();
        Source<long> source = Source.Range(0, 1_000_000, splits: 3).WithRateLimit(rate);
        using var run = new Pumps<long>(source, clock);
        TimeSpan duration = TimeSpan.FromSeconds(rate < 1 ? 20 : 5);

        for (TimeSpan passed = TimeSpan.Zero; passed < duration; passed += TimeSpan.FromMilliseconds(1))
        {
            await run.TurnAsync();
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        double expected = rate * duration.TotalSeconds;
        Assert.InRange(run.Count, expected * 0.99, Math.Max(expected * 1.01, expected + 2) + (rate * 0.015));
        if (rate <= 200)
            Assert.Equal(1, run.LargestBatch);
        await run.StopAsync();
        Assert.Equal(0, clock.ArmedTimers);
    }

    [Fact]
    public async Task WithRateLimit_TwoPerSecond_GivesEachRecordAtItsTime()
    {
        SynchronizationContext.SetSynchronizationContext(null); // as above
        var clock = new ManualTimeProvider();
        using var run = new Pumps<long>(Source.Range(0, 10, splits: 2).WithRateLimit(2), clock);
        var counts = new List<int>();

        for (int half = 0; half < 5; half++)
        {
            await run.TurnAsync();
            counts.Add(run.Count);
            clock.Advance(TimeSpan.FromMilliseconds(499));
            await run.TurnAsync();
            counts.Add(run.Count);
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal([1, 1, 2, 2, 3, 3, 4, 4, 5, 5], counts);
        await run.StopAsync();
    }

    [Fact]
    public void Take_AfterAPause_CatchesUpATenthOfASecondOnly()
    {
        var clock = new ManualTimeProvider();
        var limit = new RateLimit(1000);
        limit.Take(clock, 1, out _);

        clock.Advance(TimeSpan.FromHours(1));
        int atOnce = limit.Take(clock, int.MaxValue, out TimeSpan wait);
        int later = limit.Take(clock, int.MaxValue, out TimeSpan waitLater);

        Assert.Equal((101, TimeSpan.Zero), (atOnce, wait));
        Assert.Equal((5, TimeSpan.FromMilliseconds(5)), (later, waitLater));
    }

    [Fact]
    public void Take_ReturnedTokens_AreThereForTheNext()
    {
        var clock = new ManualTimeProvider();
        var limit = new RateLimit(2);
        limit.Take(clock, 1, out _);
        limit.Take(clock, 1, out _);

        limit.Return(clock, 1);
        limit.Take(clock, 1, out TimeSpan wait);

        Assert.Equal(TimeSpan.FromMilliseconds(500), wait);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void WithRateLimit_RateThatIsNone_IsRefused(double rate)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Source.Range(0, 1).WithRateLimit(rate));
    }

    [Fact]
    public void WithRateLimit_Source_KeepsItsNature()
    {
        Source<int> channel = Source.FromChannel(System.Threading.Channels.Channel.CreateUnbounded<int>().Reader).WithRateLimit(1);
        Source<int> file = FileSource.JsonLines<int>("numbers.jsonl", o => o.ChunkSize = 0).WithRateLimit(1);

        Assert.False(channel.IsReplayable || channel.IsBounded);
        Assert.True(file.IsReplayable && file.IsBounded);
        Assert.Single(file.Validate(new SerializerRegistry()));
    }

    /// <summary>Reads every split as the engine does: a read under way for each, the next begun when it ends.</summary>
    private sealed class Pumps<T>(Source<T> source, TimeProvider clock) : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly List<(SplitReader<T> Reader, SplitBatch<T> Batch)> _open = [];
        private readonly List<Task<bool>> _reads = [];

        public int Count { get; private set; }

        public int LargestBatch { get; private set; }

        public void Dispose() => _stop.Dispose();

        public async Task TurnAsync()
        {
            if (_open.Count == 0)
            {
                foreach (SourceSplit split in await source.DiscoverAsync())
                {
                    _open.Add((source.CreateReader(split, default, SourceHarness.Context(clock)), new SplitBatch<T>()));
                    _reads.Add(_open[^1].Reader.ReadAsync(_open[^1].Batch, _stop.Token).AsTask());
                }
            }

            for (int i = 0; i < _open.Count; i++)
            {
                while (_reads[i].IsCompleted)
                {
                    await _reads[i];
                    SplitBatch<T> batch = _open[i].Batch;
                    Count += batch.Count;
                    LargestBatch = Math.Max(LargestBatch, batch.Count);
                    batch.Batch.Reset();
                    _reads[i] = _open[i].Reader.ReadAsync(batch, _stop.Token).AsTask();
                }
            }
        }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(_reads));
            foreach ((SplitReader<T> reader, _) in _open)
                await reader.DisposeAsync();
        }
    }
}
