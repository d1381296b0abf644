namespace StreamKit.State.Faster.Tests;

/// <summary>Whole jobs whose state is several times the memory they may use.</summary>
public sealed class FasterStateJobTests : IDisposable
{
    private const int Records = 600_000;
    private const int Keys = 300_000;

    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Job_WithStateBeyondItsMemoryThatFailsHalfWay_CountsEachRecordOnce()
    {
        var failures = 0;
        var builder = StreamJob.CreateBuilder("larger-than-memory");
        builder.Parallelism = 2;
        builder.RestartStrategy = RestartStrategy.FixedDelay(3, TimeSpan.Zero);
        builder.UseCheckpoints(new FileCheckpointStore(Path.Combine(_folder.Path, "checkpoints")), TimeSpan.FromMilliseconds(300));
        builder.UseFasterState(options =>
        {
            options.Directory = Path.Combine(_folder.Path, "state");
            options.MemoryBudget = 4 << 20;
        });
        builder
            .FromSource("numbers", Source.Range(0, Records))
            .KeyBy(static x => x * 7919 % Keys)
            .Scan("sums", static () => (Count: 0, Sum: 0L), static (state, x) => (state.Count + 1, state.Sum + x))
            .Map(each => each.Count == 2 && each.Sum > Records * 5L / 4 && Interlocked.Exchange(ref failures, 1) == 0 ? throw new IOException("once") : each)
            .Filter(static each => each.Count == Records / Keys)
            .CollectTo(out var sums);
        await using var job = builder.Build();

        await job.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, failures);
        Assert.Equal(Keys, sums.Count);
        Assert.Equal(Records * (Records - 1L) / 2, sums.Sum(static each => each.Sum));
    }

    /// <summary>A savepoint is the same files whatever kept the state: each run stops with one, and the next begins with it on another backend, at another parallelism.</summary>
    [Fact]
    public async Task Job_ThatChangesItsBackendAndParallelismBySavepoints_CountsEachRecordOnce()
    {
        (bool Beyond, int Parallelism)[] runs = [(false, 2), (true, 3), (false, 1), (true, 2)];
        var sums = new List<(int Count, long Sum)>();
        FileCheckpointStore? savepoint = null;
        for (var run = 0; run < runs.Length; run++)
        {
            var (beyond, parallelism) = runs[run];
            var builder = StreamJob.CreateBuilder("changes-backends");
            builder.Parallelism = parallelism;
            builder.UseCheckpoints(new FileCheckpointStore(Path.Combine(_folder.Path, $"checkpoints-{run}")), TimeSpan.FromMilliseconds(100));
            if (savepoint is not null)
                builder.RestoreFrom(savepoint);
            if (beyond)
            {
                builder.UseFasterState(options =>
                {
                    options.Directory = Path.Combine(_folder.Path, $"state-{run}");
                    options.MemoryBudget = 4 << 20;
                });
            }

            var isLast = run == runs.Length - 1;
            var seen = 0;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            builder
                .FromSource("numbers", Source.Range(0, Records))
                .Map(x => x % 1_000 == 0 && !isLast ? Slowly(x) : x)
                .KeyBy(static x => x * 7919 % Keys)
                .Scan("sums", static () => (Count: 0, Sum: 0L), static (state, x) => (state.Count + 1, state.Sum + x))
                .Map(each =>
                {
                    if (Interlocked.Increment(ref seen) == Records / 10)
                        reached.TrySetResult();
                    return each;
                })
                .Filter(static each => each.Count == Records / Keys)
                .CollectTo(out var results);
            await using var job = builder.Build();
            await job.StartAsync(TestContext.Current.CancellationToken);
            if (isLast)
            {
                await job.WaitAsync();
            }
            else
            {
                await reached.Task.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
                savepoint = new FileCheckpointStore(Path.Combine(_folder.Path, $"savepoint-{run}"));
                await job.StopWithSavepointAsync(savepoint);
                Assert.Equal(JobStatus.Stopped, job.Status);
            }

            sums.AddRange(results);
        }

        Assert.Equal(Keys, sums.Count);
        Assert.Equal(Records * (Records - 1L) / 2, sums.Sum(static each => each.Sum));

        // So that no run comes to the end before it is stopped.
        static long Slowly(long x)
        {
            Thread.Sleep(10);
            return x;
        }
    }

    [Theory]
    [InlineData("", 64 << 20, 1L << 30, "The directory for state")]
    [InlineData("state", 1 << 20, 1L << 30, "The memory budget of state is 1048576 bytes")]
    [InlineData("state", 64 << 20, 1L << 20, "The disk budget of state is 1048576 bytes")]
    public void UseFasterState_WithAnOptionThatCannotBe_SaysWhich(string directory, long memory, long disk, string expected)
    {
        var builder = StreamJob.CreateBuilder("options");

        var refusal = Assert.Throws<StreamKitException>(() => builder.UseFasterState(options =>
            (options.Directory, options.MemoryBudget, options.DiskBudget) = (directory, memory, disk)));

        Assert.StartsWith(expected, refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
