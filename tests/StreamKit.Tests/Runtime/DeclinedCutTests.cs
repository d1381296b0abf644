using StreamKit.Checkpoints;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

/// <summary>A checkpoint that comes while the state for an earlier one is still being written.</summary>
public class DeclinedCutTests
{
    private const int Count = 2_000;
    private const int Keys = 200;
    private readonly InMemoryCheckpointStore _store = new();
    private readonly OutsideWorld<string> _world = new();

    /// <summary>More state than is written ahead of an upload, so that the cut stays open while the store does not take it.</summary>
    private readonly string _filler = new('.', 50_000);

    [Fact]
    public void Checkpoint_WhileAnEarlierCutIsStillBeingWritten_FailsRatherThanLeaveTheStateOut()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var uploads = 0;
        _store.Before = async (call, _) =>
        {
            if (call == StoreCall.Put && ++uploads == 2)
                await held.Task;
        };
        var job = Job(41);

        // The checkpoint whose upload is held runs into its timeout; the next one begins 20 ms later.
        StepUntil(job, () => job.Job.GetMetrics().FailedCheckpoints == 1);
        var failed = job.Now;
        StepUntil(job, () => job.Now >= failed + TimeSpan.FromMilliseconds(50));
        var failures = job.Job.GetMetrics().FailedCheckpoints;
        var before = _store.Names.Max(StoredNames.LogEntryNumber);
        held.SetResult();
        StepUntil(job, () => _store.Names.Max(StoredNames.LogEntryNumber) > before);
        Job(42).Complete(); // the first one crashes

        Assert.Equal(Expected(), _world.Committed.Order(StringComparer.Ordinal));
        Assert.Equal(2, failures);
    }

    private static IEnumerable<string> Expected()
    {
        var sums = new long[Keys];
        var rows = new List<string>();
        for (long x = 0; x < Count; x++)
            rows.Add($"{x % Keys}: {sums[x % Keys] += x}");
        return rows.Order(StringComparer.Ordinal);
    }

    private static void StepUntil(SimulatedJob job, Func<bool> isThere)
    {
        while (!isThere())
            Assert.False(job.Step(1), "The job ended before what the test waits for.");
    }

    private SimulatedJob Job(ulong seed) => new(seed, DateTimeOffset.UnixEpoch, builder =>
    {
        builder.Parallelism = 1;
        builder.RestartStrategy = RestartStrategy.None;
        builder.UseCheckpoints(_store, TimeSpan.FromMilliseconds(100));
        builder.Checkpoints.Timeout = TimeSpan.FromMilliseconds(80);
        builder.Checkpoints.TolerableFailures = 10;
        builder.FromSource("numbers", Source.Range(0, Count).WithRateLimit(1_000))
            .KeyBy(x => x % Keys)
            .Scan("sum", () => new Total(0, 0, _filler), (total, x) => new Total(x % Keys, total.Sum + x, _filler))
            .Map(total => $"{total.Key}: {total.Sum}")
            .SinkTo("out", _world.AsSink());
    });

    private readonly record struct Total(long Key, long Sum, string Filler);
}
