using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

/// <summary>Starting, stopping, failing and finishing, in the simulation.</summary>
public class JobLifecycleTests
{
    private static readonly DateTimeOffset s_start = new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly InMemoryCheckpointStore _store = new();
    private readonly OutsideWorld<long> _world = new();

    [Fact]
    public void Run_OfAFinishedJob_ProcessesNothing()
    {
        new SimulatedJob(1, s_start, builder => Describe(builder, _ => { })).Complete();
        var processed = 0;

        var second = new SimulatedJob(2, s_start, builder => Describe(builder, _ => processed++));
        second.Complete();

        Assert.Equal(JobStatus.Finished, second.Job.Status);
        Assert.Equal(0, processed);
        Assert.Equal(Numbers(500), _world.Committed.Order());
    }

    [Fact]
    public void Stop_ThenRunAgain_GoesOnBehindTheFinalCheckpoint()
    {
        var first = new SimulatedJob(1, s_start, builder => Describe(builder, _ => { }, rate: 1_000));
        first.Step(200);
        var stop = first.Job.StopAsync();
        first.Complete();
        var atStop = _world.Committed.Count;

        var processed = 0;
        var second = new SimulatedJob(2, s_start, builder => Describe(builder, _ => processed++));
        second.Complete();

        Assert.True(stop.IsCompletedSuccessfully);
        Assert.Equal(JobStatus.Stopped, first.Job.Status);
        Assert.InRange(atStop, 1, 499);
        Assert.Equal(500 - atStop, processed);
        Assert.Equal(Numbers(500), _world.Committed.Order());
    }

    [Fact]
    public void Failure_OfUserCode_RestartsFromTheLatestCheckpoint()
    {
        var failures = 3;
        var job = new SimulatedJob(5, s_start, builder =>
        {
            builder.RestartStrategy = RestartStrategy.FixedDelay(10, TimeSpan.FromSeconds(1));
            Describe(builder, x =>
            {
                if (x == 400 && failures-- > 0)
                    throw new InvalidOperationException("boom");
            }, rate: 1_000);
        });

        job.Complete();

        Assert.Equal(3, job.Job.GetMetrics().Restarts);
        Assert.Equal(Numbers(500), _world.Committed.Order());
    }

    [Fact]
    public void Failure_BeyondTheRestartStrategy_ThrowsTheWholeStory()
    {
        var job = new SimulatedJob(5, s_start, builder =>
        {
            builder.RestartStrategy = RestartStrategy.FixedDelay(2, TimeSpan.FromSeconds(1));
            Describe(builder, x => { if (x == 400) throw new InvalidOperationException("boom"); });
        });

        var error = Assert.Throws<JobFailedException>(() => job.Complete());

        Assert.Equal(JobStatus.Failed, job.Job.Status);
        Assert.Equal(3, error.Failures.Count);
        var failure = Assert.IsType<OperatorFailedException>(error.Failures[0]);
        Assert.Equal("touch", failure.OperatorName);
        Assert.Equal("400", failure.Record);
        Assert.Contains("'touch'", error.Message, StringComparison.Ordinal);
        Assert.Contains("boom", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Failure_ThatIsPermanent_EndsTheJobWhateverTheStrategy()
    {
        var job = new SimulatedJob(5, s_start, builder =>
        {
            builder.RestartStrategy = RestartStrategy.FixedDelay(int.MaxValue, TimeSpan.FromSeconds(1));
            Describe(builder, x => { if (x == 400) throw new StreamKitException("there is no 400") { IsPermanent = true }; });
        });

        var error = Assert.Throws<JobFailedException>(() => job.Complete());

        Assert.Single(error.Failures);
        Assert.Equal(0, job.Job.GetMetrics().Restarts);
        Assert.Contains("there is no 400", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Failure_WithRecordsKeptOutOfMessages_DoesNotNameTheRecord()
    {
        var job = new SimulatedJob(5, s_start, builder =>
        {
            builder.RestartStrategy = RestartStrategy.None;
            builder.DescribeRecord = _ => null;
            Describe(builder, x => { if (x == 400) throw new InvalidOperationException("boom"); });
        });

        var error = Assert.Throws<JobFailedException>(() => job.Complete());

        Assert.DoesNotContain("400", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Store_ThatFailsForAWhile_CostsCheckpointsButNoRecords()
    {
        var down = false;
        _store.Before = (call, name) => down && call is (StoreCall.Put or StoreCall.TryCreate) ? throw new IOException($"the store is away ({name})") : ValueTask.CompletedTask;
        var job = new SimulatedJob(3, s_start, builder =>
        {
            builder.RestartStrategy = RestartStrategy.FixedDelay(int.MaxValue, TimeSpan.FromMilliseconds(100));
            builder.Checkpoints.TolerableFailures = 2;
            Describe(builder, _ => { }, rate: 1_000);
        });

        job.Step(150);
        down = true;
        job.Step(2_000);
        down = false;
        job.Complete();

        Assert.Equal(JobStatus.Finished, job.Job.Status);
        Assert.Equal(Numbers(500), _world.Committed.Order());
    }

    [Fact]
    public void Cancellation_EndsTheJobWithoutACheckpointAndTheNextRunGoesOn()
    {
        using var cancellation = new CancellationTokenSource();
        var first = new SimulatedJob(1, s_start, builder => Describe(builder, _ => { }, rate: 1_000), cancellation.Token);
        first.Step(200);
        cancellation.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => first.Complete());
        Assert.Equal(JobStatus.Canceled, first.Job.Status);
        new SimulatedJob(2, s_start, builder => Describe(builder, _ => { })).Complete();

        Assert.Equal(Numbers(500), _world.Committed.Order());
    }

    [Fact]
    public void Operators_WhateverTheEnd_AreClosedOnce()
    {
        var opened = 0;
        var closed = 0;
        var job = new SimulatedJob(9, s_start, builder =>
        {
            builder.Parallelism = 3;
            builder.FromSource("numbers", Source.Range(0, 100))
                .Process("counted", () => new Counted(() => opened++, () => closed++))
                .SinkTo("out", _world.AsSink());
        });

        job.Complete();

        Assert.Equal(3, opened);
        Assert.Equal(3, closed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Job_ThatHasEnded_LeavesNoWorkAndNoTimerBehind(bool cancel)
    {
        using var cancellation = new CancellationTokenSource();
        var job = new SimulatedJob(7, s_start, builder => Describe(builder, _ => { }, rate: 1_000), cancellation.Token);
        job.Step(150);
        if (cancel)
            cancellation.Cancel();
        try
        {
            job.Complete();
        }
        catch (OperationCanceledException)
        {
            Assert.True(cancel);
        }

        Assert.InRange(job.RunLeftovers(1_000), 0, 20);
    }

    [Fact]
    public void Job_RestoredWithAnotherMaxParallelism_IsRefusedBeforeAnythingRuns()
    {
        new SimulatedJob(1, s_start, builder => Describe(builder, _ => { })).Complete();

        var second = new SimulatedJob(2, s_start, builder =>
        {
            builder.MaxParallelism = 64;
            Describe(builder, _ => { });
        });

        var error = Assert.ThrowsAny<StreamKitException>(() => second.Complete());
        Assert.Contains("128", error.Message, StringComparison.Ordinal);
        Assert.Contains("64", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<long> Numbers(int count) => Enumerable.Range(0, count).Select(x => (long)x);

    private void Describe(StreamJobBuilder builder, Action<long> touch, double rate = 100_000)
    {
        builder.Parallelism = 2;
        builder.UseCheckpoints(_store, TimeSpan.FromMilliseconds(20));
        builder.FromSource("numbers", Source.Range(0, 500).WithRateLimit(rate))
            .Map(x =>
            {
                touch(x);
                return x;
            }, "touch")
            .SinkTo("out", _world.AsSink());
    }

    private sealed class Counted(Action opened, Action closed) : ProcessFunction<long, long>
    {
        public override void Open(OperatorContext context) => opened();

        public override void Process(long value, Context context) => context.Collect(value);

        public override void Close() => closed();
    }
}
