using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

public class JobTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task RunAsync_OfABoundedStatelessJob_EndsByItselfWithAllResults(int parallelism)
    {
        var builder = StreamJob.CreateBuilder("stateless");
        builder.Parallelism = parallelism;
        var sum = 0L;
        var count = 0L;
        builder.FromSource("numbers", Source.Range(0, 100_000))
            .Map(x => x * 3 + 1)
            .Filter(x => x % 2 == 0)
            .SinkTo("sum", new ActionSink<long>(x => { Interlocked.Add(ref sum, x); Interlocked.Increment(ref count); }));

        await using var job = builder.Build();
        await job.RunAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(JobStatus.Finished, job.Status);
        Assert.Equal(50_000, count);
        Assert.Equal(Enumerable.Range(0, 100_000).Select(x => x * 3L + 1).Where(x => x % 2 == 0).Sum(), sum);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task RunAsync_OfAKeyedJob_KeepsStatePerKey(int parallelism)
    {
        var builder = StreamJob.CreateBuilder("keyed");
        builder.Parallelism = parallelism;
        var last = new System.Collections.Concurrent.ConcurrentDictionary<long, long>();
        builder.FromSource("numbers", Source.Range(0, 50_000))
            .KeyBy(x => x % 100)
            .Scan("sum", () => (Key: 0L, Sum: 0L), (state, x) => (x % 100, state.Sum + x))
            .SinkTo("last", new ActionSink<(long Key, long Sum)>(each => last.AddOrUpdate(each.Key, each.Sum, (_, other) => Math.Max(other, each.Sum))));

        await using var job = builder.Build();
        await job.RunAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        for (var key = 0; key < 100; key++)
            Assert.Equal(Enumerable.Range(0, 50_000).Where(x => x % 100 == key).Sum(x => (long)x), last[key]);
    }
}
