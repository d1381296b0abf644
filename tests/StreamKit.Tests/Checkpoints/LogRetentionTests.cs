using System.IO.Pipelines;
using Microsoft.Extensions.Logging.Abstractions;
using StreamKit.Checkpoints;
using StreamKit.State;
using StreamKit.Tests.Checkpoints.Segments;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints;

public class LogRetentionTests
{
    private const int SeedsPerTest = 3;

    public static TheoryData<int> FirstSeeds => [.. Enumerable.Range(0, 10).Select(i => 1 + (i * SeedsPerTest))];

    /// <summary>Chains that merge, packs, failed checkpoints, runners taken over that go on for a while: what is in force is there, and in the end nothing else.</summary>
    [Theory]
    [MemberData(nameof(FirstSeeds))]
    public async Task Retention_OverManyCheckpointsAndRunners_DeletesAllButWhatIsInForce(int firstSeed)
    {
        for (int seed = firstSeed; seed < firstSeed + SeedsPerTest; seed++)
        {
            var random = new Random(seed);
            var store = new InMemoryCheckpointStore();
            int identities = 0;
            ChainedRunner runner = await ClaimAsync();
            ChainedRunner? takenOver = null;
            for (int step = 0; step < 80; step++)
            {
                switch (random.Next(20))
                {
                    case 0:
                        takenOver = runner;
                        runner = await ClaimAsync();
                        break;
                    case 1 when takenOver is not null:
                        await Assert.ThrowsAsync<JobFencedException>(() => takenOver.CheckpointAsync(changes: true, fails: false));
                        takenOver = null;
                        break;
                    case < 8:
                        runner.RunMerges();
                        takenOver?.RunMerges();
                        break;
                    default:
                        await runner.CheckpointAsync(changes: true, fails: random.Next(6) == 0);
                        break;
                }

                await AssertInForceAsync($"seed {seed}, step {step}");
            }

            takenOver?.RunMerges();
            runner.RunMerges();
            runner = await ClaimAsync();
            for (int i = 0; i <= ChainedRunner.Retained; i++)
            {
                await runner.CheckpointAsync(changes: false, fails: false);
            }

            Assert.Equal(runner.FilesInForce().Order(StringComparer.Ordinal), store.Names.Where(name => name.StartsWith(StoredNames.DataPrefix, StringComparison.Ordinal)));

            async Task<ChainedRunner> ClaimAsync() => await ChainedRunner.ClaimAsync(store, random, () => new Guid(++identities, 0, 0, new byte[8]));

            async Task AssertInForceAsync(string when)
            {
                Assert.True(runner.FilesInForce().All(store.Names.Contains), when);
                foreach (SegmentReference reference in runner.SegmentsInForce())
                {
                    await SegmentReader.OpenAsync(StoredSegmentSource.Of(store, reference), reference.Checksum, default);
                }
            }
        }
    }

    /// <summary>A runner that lives for months must not keep what it started from for as long.</summary>
    [Fact]
    public async Task DeleteReleased_TheBaseOfTheClaim_GoesWhenItIsReleased()
    {
        var store = new InMemoryCheckpointStore();
        var clock = new ManualTimeProvider();
        int identities = 0;
        CheckpointLog first = await ClaimAsync();
        await AppendAsync(first, "data/base");
        CheckpointLog second = await ClaimAsync();

        await AppendAsync(second, "data/1");
        string[] kept = [.. store.Names.Where(name => name.StartsWith("data/", StringComparison.Ordinal))];
        await AppendAsync(second, "data/2");

        Assert.Equal(["data/1", "data/base"], kept);
        Assert.Equal(["data/1", "data/2"], store.Names.Where(name => name.StartsWith("data/", StringComparison.Ordinal)));

        async Task<CheckpointLog> ClaimAsync() => await CheckpointLog.ClaimAsync(
            store, "job", 128, 2, new RunnerClaims(), () => new Guid(++identities, 0, 0, new byte[8]), clock, NullLogger.Instance, default);

        async Task AppendAsync(CheckpointLog log, string file)
        {
            await store.PutAsync(file, PipeReader.Create(new MemoryStream([1])), default);
            var segment = new SegmentReference { ObjectName = file, Length = 1, KeyGroups = new KeyGroupRange(0, 127), Sequence = 0, Checksum = 0 };
            var manifest = new OperatorManifest { Name = "count", Parallelism = 1, Segments = [segment], Subtasks = [] };
            await log.AppendAsync(new CheckpointContent([manifest], [], Finished: false), default);
            await log.Retention.CleanAsync(default);
        }
    }

    /// <summary>Queries read beside the job: what they have begun to read stays, whatever comes after it, and goes when they have ended.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Clean_WhileACheckpointIsRead_KeepsItUntilTheReadingEnds(bool claimsAgain)
    {
        var store = new InMemoryCheckpointStore();
        var clock = new ManualTimeProvider();
        var claims = new RunnerClaims();
        int identities = 0;
        CheckpointLog log = await ClaimAsync();
        Assert.Null(claims.Committed.BeginReading());
        await AppendAsync("data/1", "data/shared");
        CheckpointReading first = claims.Committed.BeginReading()!;
        CheckpointReading second = claims.Committed.BeginReading()!;
        if (claimsAgain)
        {
            log = await ClaimAsync();
        }

        await AppendAsync("data/2", "data/shared");
        await AppendAsync("data/3");
        first.Dispose();
        first.Dispose();
        await AppendAsync("data/4");
        string[] whileRead = Files();
        second.Dispose();
        await AppendAsync("data/5");

        Assert.Equal(first.Manifest.Number, second.Manifest.Number);
        Assert.Equal(["data/1", "data/4", "data/shared"], whileRead);
        Assert.Equal(["data/5"], Files());
        Assert.Equal("data/5", claims.Committed.Newest!.ObjectNames.Single());
        Assert.DoesNotContain(StoredNames.LogEntry(first.Manifest.Number), store.Names);

        string[] Files() => [.. store.Names.Where(name => name.StartsWith(StoredNames.DataPrefix, StringComparison.Ordinal))];

        async Task<CheckpointLog> ClaimAsync() => await CheckpointLog.ClaimAsync(
            store, "job", 128, 1, claims, () => new Guid(++identities, 0, 0, new byte[8]), clock, NullLogger.Instance, default);

        async Task AppendAsync(params string[] files)
        {
            foreach (string file in files)
            {
                await store.PutAsync(file, PipeReader.Create(new MemoryStream([1])), default);
            }

            SegmentReference[] segments = [.. files.Select(file => new SegmentReference { ObjectName = file, Length = 1, KeyGroups = new KeyGroupRange(0, 127), Sequence = 0, Checksum = 0 })];
            await log.AppendAsync(new CheckpointContent([new OperatorManifest { Name = "count", Parallelism = 1, Segments = segments, Subtasks = [] }], [], Finished: false), default);
            await log.Retention.CleanAsync(default);
        }
    }
}
