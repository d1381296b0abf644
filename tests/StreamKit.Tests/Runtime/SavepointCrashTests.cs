using StreamKit.Checkpoints;
using StreamKit.Runtime;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

/// <summary>
/// Savepoints of a job that crashes at any step, while its store and the savepoints' locations fail now and then. The same seed gives the same faults;
/// <c>STREAMKIT_SEED</c> is the first one.
/// </summary>
public class SavepointCrashTests
{
    private const int Crashes = 6;
    private static readonly DateTimeOffset s_start = new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly int s_firstSeed = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_SEED") ?? "1", null);

    public static TheoryData<ulong> Seeds { get; } = [.. Enumerable.Range(s_firstSeed, 15).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Savepoint_UnderCrashesAndFaults_IsCompleteOrNone(ulong seed)
    {
        var random = new JobRandom(seed);
        var store = Faulty(random);
        var state = new EveryStateJob();
        var savepoints = new List<Attempt>();
        var now = s_start;
        for (var crashes = 0; ; crashes++)
        {
            if (crashes == Crashes)
                (store.Before, store.After) = (null, null);
            var process = new SimulatedJob(random.Next(), now, builder => Describe(builder, state, store, 1 + random.Next(4)));
            if (RunUntilCrash(process, state, savepoints, random, crashes < Crashes ? 300 + random.Next(1_200) : 2_000_000) && process.Job.Status == JobStatus.Finished)
            {
                process.Complete();
                break;
            }

            Assert.True(crashes < Crashes, $"The job failed without faults: {process.Run.Exception}");

            now = process.Now;
        }

        Assert.Equal(EveryStateJob.Expected.Order(), state.Committed.Order());
        Assert.Equal(0, state.Prepared);
        foreach (var savepoint in savepoints)
            Check(savepoint, random);
        Assert.NotEmpty(savepoints);
    }

    /// <summary>Lets a process run, with a savepoint taken somewhere on the way.</summary>
    /// <returns>True when it has ended.</returns>
    private static bool RunUntilCrash(SimulatedJob process, EveryStateJob state, List<Attempt> savepoints, JobRandom random, int steps)
    {
        var until = random.Next(1_000);
        while (steps > 0)
        {
            var some = 1 + random.Next(20);
            steps -= some;
            if (process.Step(some))
                return true;
            if (savepoints is [.., { After: null } under] && under.Location.Names.Contains(SavepointNames.Entry))
                under.After = state.Committed;
            until -= some;
            if (until is <= 0 and > -1_000_000 && process.Job.Status == JobStatus.Running)
            {
                until = -1_000_000;
                var next = new Attempt(Faulty(random), state.Committed);
                savepoints.Add(next);
                next.Taken = process.Job.TriggerSavepointAsync(next.Location);
            }
        }

        return false;
    }

    private static void Check(Attempt savepoint, JobRandom random)
    {
        savepoint.Location.Before = null;
        savepoint.Location.After = null;
        var store = new InMemoryCheckpointStore();
        var state = new EveryStateJob();
        var job = new SimulatedJob(random.Next(), s_start, builder =>
        {
            Describe(builder, state, store, 1 + random.Next(4));
            builder.RestoreFrom(savepoint.Location);
        });
        if (!savepoint.Location.Names.Contains(SavepointNames.Entry))
        {
            Assert.False(savepoint.Taken is { IsCompletedSuccessfully: true }, "A savepoint was reported that is not there.");
            Assert.Contains("There is no savepoint", Assert.ThrowsAny<StreamKitException>(() => job.Complete()).Message, StringComparison.Ordinal);
            return;
        }

        job.Complete();

        Assert.Equal(state.Committed.Distinct().Count(), state.Committed.Count);
        Assert.Empty(state.Committed.Except(EveryStateJob.Expected));
        Assert.Empty(state.Committed.Intersect(savepoint.Before)); // what had left before is not repeated
        Assert.Empty(EveryStateJob.Expected.Except(state.Committed).Except(savepoint.After ?? EveryStateJob.Expected)); // what the savepoint is behind had left
    }

    /// <summary>One call in twenty fails, before it has an effect or behind it.</summary>
    private static InMemoryCheckpointStore Faulty(JobRandom random)
    {
        var faults = new JobRandom(random.Next());
        return new InMemoryCheckpointStore
        {
            Before = async (_, name) =>
            {
                await Task.Yield();
                if (faults.Next(20) == 0)
                    throw new StreamKitException($"'{name}' did not work.");
            },
            After = (_, name) =>
            {
                if (faults.Next(20) == 0)
                    throw new StreamKitException($"The answer about '{name}' was lost.");
            },
        };
    }

    private static void Describe(StreamJobBuilder builder, EveryStateJob state, ICheckpointStore store, int parallelism)
    {
        state.Describe(builder, store, parallelism);
        builder.RestartStrategy = RestartStrategy.FixedDelay(int.MaxValue, TimeSpan.FromMilliseconds(5));
        builder.Checkpoints.TolerableFailures = int.MaxValue - 1;
        builder.Checkpoints.Retained = 1;
    }

    /// <param name="Location">Where it is to be.</param>
    /// <param name="Before">What had been committed when it was asked for.</param>
    private sealed record Attempt(InMemoryCheckpointStore Location, IReadOnlyList<string> Before)
    {
        /// <summary>What had been committed when its entry was seen; null if that was after a crash.</summary>
        public IReadOnlyList<string>? After { get; set; }

        public Task<SavepointSummary>? Taken { get; set; }
    }
}
