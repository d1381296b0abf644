using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Connectors;

/// <summary>Whenever a runner dies, the committed files hold every record of the completed checkpoints once.</summary>
public class FileSinkRecoveryTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    private static Sink<int> Sink(string folder) => FileSink.JsonLines<int>(folder, o => (o.BufferSize, o.MaxRecordsPerFile) = (8, 7));

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Runner_KilledAtAnyStep_LeavesEveryRecordOnce(int seed)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        Sink<int> sink = Sink(folder["out"]);
        var harness = new SinkHarness<int>(sink);
        int next = 0;
        int restoreTo = 0;
        for (int attempt = 0; attempt < 8; attempt++)
        {
            await harness.StartAsync(Sink(folder["out"]));
            next = restoreTo;
            for (int checkpoint = 0; checkpoint < 3; checkpoint++)
            {
                int count = random.Next(20);
                await harness.WriteAsync(Enumerable.Range(next, count));
                next += count;
                if (random.Next(6) == 0)
                    break;
                await harness.PrepareAsync();
                if (random.Next(6) == 0)
                    break;
                harness.CompleteCheckpoint();
                restoreTo = next;
                if (random.Next(4) == 0)
                    break;
                await harness.CommitAsync();
                if (random.Next(4) == 0)
                    break;
                await harness.AbortAsync();
            }
        }

        await harness.StartAsync(Sink(folder["out"]));

        Assert.Equal(Enumerable.Range(0, restoreTo), (restoreTo == 0 ? [] : await FileSource.JsonLines<int>(folder["out"]).ReadAllAsync()).Order());
        Assert.DoesNotContain(Directory.Exists(folder["out"]) ? Directory.GetFiles(folder["out"]) : [], name => Path.GetFileName(name).StartsWith('.'));
    }

    [Fact]
    public async Task Commit_Twice_ChangesNothing()
    {
        using var folder = new TemporaryFolder();
        var harness = new SinkHarness<int>(Sink(folder["out"]));
        await harness.StartAsync();
        await harness.WriteAsync(Enumerable.Range(0, 10));
        await harness.PrepareAsync();
        harness.CompleteCheckpoint();

        await harness.CommitAsync();
        await harness.CommitAsync();

        Assert.Equal(Enumerable.Range(0, 10), (await FileSource.JsonLines<int>(folder["out"]).ReadAllAsync()).Order());
    }

    [Fact]
    public async Task Commit_FileGone_FailsNamingIt()
    {
        using var folder = new TemporaryFolder();
        SinkHarness<int> harness = await PreparedAsync(folder["out"]);
        File.Delete(Directory.GetFiles(folder["out"]).Single());

        StreamKitException e = await Assert.ThrowsAsync<StreamKitException>(harness.CommitAsync);

        Assert.Contains("part-out-0f8fad5b-1-0-0001.jsonl", e.Message, StringComparison.Ordinal);
        Assert.Contains(folder["out"], e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Commit_FileOfOtherLength_Fails(bool committedBefore)
    {
        using var folder = new TemporaryFolder();
        SinkHarness<int> harness = await PreparedAsync(folder["out"]);
        if (committedBefore)
            await harness.CommitAsync();
        await File.AppendAllTextAsync(Directory.GetFiles(folder["out"]).Single(), "3\n");

        StreamKitException e = await Assert.ThrowsAsync<StreamKitException>(harness.CommitAsync);

        Assert.Contains("has 6 bytes, and had 4", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commit_NameTaken_OverwritesNothing()
    {
        using var folder = new TemporaryFolder();
        SinkHarness<int> harness = await PreparedAsync(folder["out"]);
        string taken = Path.Combine(folder["out"], "part-out-0f8fad5b-1-0-0001.jsonl");
        await File.WriteAllTextAsync(taken, "old\n");

        StreamKitException e = await Assert.ThrowsAsync<StreamKitException>(harness.CommitAsync);

        Assert.Contains(taken, e.Message, StringComparison.Ordinal);
        Assert.Equal("old\n", await File.ReadAllTextAsync(taken));
    }

    [Fact]
    public async Task Commit_FolderMovedBetweenRuns_FindsTheFiles()
    {
        using var folder = new TemporaryFolder();
        SinkHarness<int> harness = await PreparedAsync(folder["out"]);
        Directory.Move(folder["out"], folder["moved"]);

        await harness.StartAsync(Sink(folder["moved"]));

        Assert.Equal([1, 2], await FileSource.JsonLines<int>(folder["moved"]).ReadAllAsync());
    }

    [Fact]
    public async Task Commit_AnotherFolderConfigured_CompletesTheOldOne()
    {
        using var folder = new TemporaryFolder();
        SinkHarness<int> harness = await PreparedAsync(folder["out"]);

        await harness.StartAsync(Sink(folder["other"]));

        Assert.Equal([1, 2], await FileSource.JsonLines<int>(folder["out"]).ReadAllAsync());
    }

    [Fact]
    public async Task Abort_FilesOfOthers_StayWhereTheyAre()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["out"]);
        string mine = ".out.0f8fad5bd9cb469fa16570867728950e-00000000000000000001-0-1.inprogress";
        string[] others =
        [
            ".out.0f8fad5bd9cb469fa16570867728950e-00000000000000000002-0-1.inprogress",
            ".out.0f8fad5bd9cb469fa16570867728950e-00000000000000000003-0-1.inprogress",
            ".out.ffffffffffffffffffffffffffffffff-00000000000000000001-0-1.inprogress",
            ".out2.0f8fad5bd9cb469fa16570867728950e-00000000000000000001-0-1.inprogress",
            ".out.0f8fad5bd9cb469fa16570867728950e-x.inprogress",
            "part-out-0f8fad5b-1-0-0001.jsonl",
        ];
        foreach (string name in others.Append(mine))
            await File.WriteAllTextAsync(Path.Combine(folder["out"], name), "");
        Sink<int> sink = Sink(folder["out"]);
        SinkCommitter committer = sink.CreateCommitter(new SinkHarness<int>(sink).Context(-1, claim: 2))!;

        await committer.AbortAsync(2, new HashSet<string>(), default);

        Assert.Equal(others.Order(StringComparer.Ordinal), Directory.GetFiles(folder["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Abort_TransactionsToKeep_StayPrepared()
    {
        using var folder = new TemporaryFolder();
        SinkHarness<int> harness = await PreparedAsync(folder["out"]);
        Sink<int> sink = Sink(folder["out"]);
        SinkCommitter committer = sink.CreateCommitter(harness.Context(-1, claim: 9))!;

        await committer.AbortAsync(9, harness.Checkpoint.Select(each => each.TransactionId).ToHashSet(), default);
        await harness.CommitAsync();

        Assert.Equal([1, 2], await FileSource.JsonLines<int>(folder["out"]).ReadAllAsync());
    }

    [Fact]
    public async Task Sinks_OfOneJobInOneFolder_DoNotMeet()
    {
        using var folder = new TemporaryFolder();
        var first = new SinkHarness<int>(Sink(folder["out"]), "a/b ");
        var second = new SinkHarness<int>(Sink(folder["out"]), new string('ö', 200));
        foreach (SinkHarness<int> harness in new[] { first, second })
        {
            await harness.StartAsync();
            await harness.WriteAsync(1);
        }

        await first.CheckpointAsync();
        await first.StartAsync();
        await second.CheckpointAsync();

        Assert.Equal([1, 1], await FileSource.JsonLines<int>(folder["out"]).ReadAllAsync());
    }

    private static async Task<SinkHarness<int>> PreparedAsync(string folder)
    {
        var harness = new SinkHarness<int>(Sink(folder));
        await harness.StartAsync();
        await harness.WriteAsync(1, 2);
        await harness.PrepareAsync();
        harness.CompleteCheckpoint();
        return harness;
    }
}
