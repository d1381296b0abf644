using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

public class FailedUploadTests
{
    [Fact]
    public void Upload_OfStateThatFails_LosesNothingThatAChainedSinkHadPrepared()
    {
        var store = new InMemoryCheckpointStore();
        var uploads = 0;
        store.Before = (call, name) => call == StoreCall.Put && !name.Contains("merged-", StringComparison.Ordinal) && ++uploads is 2 or 4 ? throw new IOException("the upload failed") : ValueTask.CompletedTask;
        var world = new OutsideWorld<string>();
        var job = new SimulatedJob(31, DateTimeOffset.UnixEpoch, builder =>
        {
            builder.Parallelism = 1; // so that the sink is chained behind the keyed state
            builder.UseCheckpoints(store, TimeSpan.FromMilliseconds(100));
            builder.Checkpoints.TolerableFailures = 10;
            builder.RestartStrategy = RestartStrategy.None;
            builder.FromSource("numbers", Source.Range(0, 2_000).WithRateLimit(2_000))
                .KeyBy(x => x)
                .Scan("long", () => "", (_, x) => $"{x}{new string('.', 200)}") // too much state to travel in the manifest
                .SinkTo("out", world.AsSink());
        });

        job.Complete();

        Assert.True(uploads >= 4, "Uploads must have failed for the test to say anything.");
        Assert.True(job.Job.GetMetrics().FailedCheckpoints >= 2);
        Assert.Equal(2_000, world.Committed.Distinct().Count());
        Assert.Equal(2_000, world.Committed.Count);
    }
}
