using StreamKit.Checkpoints;
using StreamKit.Runtime;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime.Evolution;

/// <summary>Jobs whose types change from one run to the next, crashed at random steps and rescaled, in a simulation: the same seed gives the same run.</summary>
public class EvolutionTests
{
    private static readonly DateTimeOffset s_start = new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<ulong> Seeds { get; } = [.. Enumerable.Range(1, 12).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Job_WhoseTypesChangeAtEachRestart_GivesTheOutputOfAnUninterruptedRun(ulong seed)
    {
        var random = new JobRandom(seed);
        var (store, checkpoints) = NewStore();
        var world = EvolvingJob.NewWorld();
        var (now, version) = (s_start, 1);
        while (true)
        {
            var process = Start(version, random, now, store, world, 1 + random.Next(4));
            if (process.Step(version < 5 || random.Next(3) > 0 ? 100 + random.Next(300) : 5_000_000))
            {
                process.Complete();
                break;
            }

            now = process.Now;
            version = Math.Min(5, version + (checkpoints.Count > 0 ? random.Next(2) : 0));
        }

        Assert.Contains(checkpoints.SelectMany(Keyed), static each => each.Schemas.Newest > 0);
        Assert.Equal(EvolvingJob.Expected().Order(StringComparer.Ordinal), world.Values.SelectMany(static each => each.Committed).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Generations_WithoutSegments_AreForgotten()
    {
        var random = new JobRandom(1);
        var (store, checkpoints) = NewStore();
        var world = EvolvingJob.NewWorld();
        Run(Start(1, random, s_start, store, world, 2), 400);
        Assert.All(checkpoints.SelectMany(Keyed), static each => Assert.True(each.Schemas is { Newest: 0, Older.Count: 0 }));
        checkpoints.Clear();

        Start(2, random, s_start.AddMinutes(1), store, world, 2).Complete();

        var operators = checkpoints.Where(each => each.Number > checkpoints[0].Number).SelectMany(Keyed).ToList(); // the first is the claim, with the checkpoint before
        Assert.All(operators, static each => Assert.Equal(1, each.Schemas.Newest));
        Assert.All(operators, static each => Assert.Equal(Generations(each).Where(static number => number < 1), each.Schemas.Older.Select(static older => older.Number)));
        Assert.Contains(operators, static each => each.Schemas.Older.Count == 1);
        Assert.Contains(Keyed(checkpoints[^1]), static each => each.Schemas.Older.Count == 0);
    }

    [Fact]
    public void Types_ThatStayAsTheyAre_StayInTheirGeneration()
    {
        var random = new JobRandom(1);
        var (store, checkpoints) = NewStore();
        var world = EvolvingJob.NewWorld();

        for (var run = 0; run < 4; run++)
            Run(Start(3, random, s_start.AddMinutes(run), store, world, 1 + run), 200);

        Assert.All(checkpoints.SelectMany(Keyed), static each => Assert.True(each.Schemas is { Newest: 0, Older.Count: 0 }));
    }

    private static SimulatedJob Start(int version, JobRandom random, DateTimeOffset now, InMemoryCheckpointStore store, IReadOnlyDictionary<string, OutsideWorld<string>> world, int parallelism) => new(random.Next(), now, builder =>
    {
        switch (version)
        {
            case 1:
                EvolvingJob.Describe<Row1>(builder, store, world, parallelism);
                break;
            case 2:
                EvolvingJob.Describe<Row2>(builder, store, world, parallelism);
                break;
            case 3:
                EvolvingJob.Describe<Row3>(builder, store, world, parallelism);
                break;
            case 4:
                EvolvingJob.Describe<Row4>(builder, store, world, parallelism);
                break;
            default:
                EvolvingJob.Describe<Row5>(builder, store, world, parallelism);
                break;
        }
    });

    private static void Run(SimulatedJob job, int steps)
    {
        job.Step(steps);
        job.Job.StopAsync();
        job.Complete();
        Assert.Equal(JobStatus.Stopped, job.Job.Status);
    }

    private static (InMemoryCheckpointStore Store, List<CheckpointManifest> Checkpoints) NewStore()
    {
        var store = new InMemoryCheckpointStore();
        var checkpoints = new List<CheckpointManifest>();
        store.After = (call, name) =>
        {
            if (call == StoreCall.TryCreate && name.StartsWith(StoredNames.LogPrefix, StringComparison.Ordinal) && LogEntryFormat.Decode(name, store.Content(name)).Manifest is { } manifest)
                checkpoints.Add(manifest);
        };
        return (store, checkpoints);
    }

    private static IEnumerable<OperatorManifest> Keyed(CheckpointManifest checkpoint) => checkpoint.Operators.Where(static each => each.Segments.Count > 0);

    private static IReadOnlyList<int> Generations(OperatorManifest stored) => [.. stored.Segments.Select(static segment => segment.Generation).Distinct().Order()];
}
