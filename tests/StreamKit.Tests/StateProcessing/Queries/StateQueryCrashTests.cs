using StreamKit.Runtime;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.StateProcessing.Queries;

/// <summary>Queries beside jobs that crash at any step, rescale, merge segments and keep one checkpoint only, in a simulation: the same seed gives the same run.</summary>
public class StateQueryCrashTests
{
    // More would not let time go on, since it only does when nothing else is left to do.
    private const int AsksAtATime = 3;

    private static readonly DateTimeOffset s_start = new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<ulong> Seeds { get; } = [.. Enumerable.Range(1, 10).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Queries_WhileTheJobCrashesAndRescales_GiveWhatTheCheckpointTheyNameHas(ulong seed)
    {
        var random = new JobRandom(seed);
        var store = new InMemoryCheckpointStore();
        var checkpoints = new CountsOfCheckpoints(store);
        store.Before = async (_, _) => await PauseAsync(checkpoints.IsReading ? 0 : random.Next(4));
        var (now, crashes, answers, overtaken) = (s_start, 0, 0, 0);
        while (true)
        {
            var process = new SimulatedJob(random.Next(), now, builder => QueriedJob.Describe(builder, store, 1 + random.Next(4), random.Next(2) * 100_000));
            var asker = new QueriedJobAsker(process.Job, checkpoints, random, () => Task.Delay(TimeSpan.FromMilliseconds(random.Next(10)), process.Time));
            var hasEnded = Run(process, asker, crashes < 8 ? 300 + random.Next(2_000) : int.MaxValue, random);
            answers += asker.Answers;
            overtaken += asker.Overtaken;
            if (hasEnded)
                break;
            crashes++;
            now = process.Now;
        }

        Assert.True(answers > 200, $"{answers} answers say little.");
        Assert.True(overtaken > 0, "No enumeration outlived its checkpoint.");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Queries_OfARunnerThatWasTakenOver_GiveWhatTheCheckpointTheyNameHasOrFail(ulong seed)
    {
        var random = new JobRandom(seed);
        var store = new InMemoryCheckpointStore();
        var checkpoints = new CountsOfCheckpoints(store);
        var first = new SimulatedJob(random.Next(), s_start, builder => QueriedJob.Describe(builder, store, 2, cacheBytes: 0));
        first.Step(2_000);
        var second = new SimulatedJob(random.Next(), s_start.AddSeconds(1), builder => QueriedJob.Describe(builder, store, 3, cacheBytes: 0));
        var asker = new QueriedJobAsker(first.Job, checkpoints, random, () => Task.CompletedTask);
        var failures = 0;
        Assert.True(first.Begin(asker.AskAsync).IsCompletedSuccessfully);

        while (!first.HasEnded || !second.HasEnded)
        {
            second.Step(random.Next(200));
            first.Step(random.Next(50)); // a zombie that wakes now and then
            var asked = first.Begin(asker.AskAsync);
            while (!asked.IsCompleted)
                first.RunLeftovers(1);
            if (asked.IsFaulted)
            {
                Assert.IsType<StreamKitException>(asked.Exception?.InnerException, exactMatch: false);
                failures++;
            }
        }

        Assert.True(asker.Answers > 0);
        Assert.True(failures > 0, "The other runner deleted nothing that was asked for.");
    }

    /// <summary>Steps the job and asks it now and then, several at a time.</summary>
    private static bool Run(SimulatedJob process, QueriedJobAsker asker, int steps, JobRandom random)
    {
        var asked = new List<Task>();
        var (now, asksNow) = (process.Now, 0);
        for (var step = 0; step < steps; step++)
        {
            if (process.Now != now)
                (now, asksNow) = (process.Now, 0);
            if (asked.Count < 6 && asksNow < AsksAtATime && random.Next(10) == 0)
            {
                asksNow++;
                asked.Add(process.Begin(asker.AskAsync));
            }

            var hasEnded = process.Step(1);
            asked.RemoveAll(IsDone);
            if (!hasEnded)
                continue;

            // The last checkpoint can be asked on.
            for (var i = 0; i < 20; i++)
                asked.Add(process.Begin(asker.AskAsync));
            process.RunLeftovers(100_000);
            Assert.All(asked, each => Assert.True(IsDone(each)));
            return true;
        }

        return false;
    }

    private static bool IsDone(Task asked)
    {
        if (asked.IsCompleted)
            asked.GetAwaiter().GetResult();
        return asked.IsCompleted;
    }

    private static async Task PauseAsync(int steps)
    {
        for (var i = 0; i < steps; i++)
            await Task.Yield();
    }
}
