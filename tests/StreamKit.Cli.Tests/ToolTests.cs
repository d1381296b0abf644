using System.Text.Json;

namespace StreamKit.Cli.Tests;

/// <summary>The tool as scripts and people call it: output, errors and exit codes.</summary>
public sealed class ToolTests(StoredFolders folders) : IClassFixture<StoredFolders>
{
    [Theory]
    [InlineData("list", "show", "dump", "verify", "diff", "copy", "delete")]
    public async Task Help_OfTheToolAndOfEachCommand_NamesThem(params string[] commands)
    {
        var all = await ToolRun.OfAsync("--help");

        Assert.Equal(0, all.Code);
        foreach (var command in commands)
        {
            Assert.Contains($"streamkit {command}", all.Output, StringComparison.Ordinal);
            var help = await ToolRun.OfAsync("help", command);
            Assert.Equal(0, help.Code);
            Assert.StartsWith($"streamkit {command} FOLDER", help.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("There is no command 'lsit'.", "lsit")]
    [InlineData("Expected a folder, found 0 words.", "list")]
    [InlineData("Expected a folder and a new folder, found 1 word 'a'.", "copy", "a")]
    [InlineData("'--deep' is not an option of this command. It has: --checkpoint.", "verify", "a", "--deep")]
    [InlineData("'--checkpoint' needs a value.", "show", "a", "--checkpoint")]
    [InlineData("'--checkpoint x': expected a whole number from 1 on.", "show", "a", "--checkpoint", "x")]
    public async Task Words_ThatAreNotUnderstood_EndWithCode2(string expected, params string[] words)
    {
        var run = await ToolRun.OfAsync(words);

        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.StartsWith(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnyCommand_OnAFolderThatIsNotThere_EndsWithCode1AndCreatesNone()
    {
        var folder = folders.New("missing");

        var run = await ToolRun.OfAsync("list", folder);

        Assert.Equal((1, $"There is no folder '{folder}'.\n"), (run.Code, run.Error));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task List_OfAJob_ShowsItsCheckpointsAndClaims()
    {
        var run = await ToolRun.OfAsync("list", folders.Checkpoints);

        Assert.Equal(0, run.Code);
        Assert.StartsWith("Job 'counts', id ", run.Lines[0], StringComparison.Ordinal);
        Assert.Equal(["1 claim", "4 checkpoint", "5 checkpoint", "6 checkpoint"], run.Lines.Skip(2).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(2))));
    }

    [Fact]
    public async Task List_OfASavepoint_SaysWhatItIs()
    {
        var run = await ToolRun.OfAsync("list", folders.Savepoint);

        Assert.Equal(0, run.Code);
        Assert.StartsWith("Savepoint of job 'letters', checkpoint 0,", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_WithKeyGroups_ShowsStatesAndSizes()
    {
        var savepoint = await ToolRun.OfAsync("show", folders.Savepoint, "--key-groups");
        var checkpoint = await ToolRun.OfAsync("show", folders.Checkpoints, "--checkpoint", "4");

        Assert.Equal((0, 0), (savepoint.Code, checkpoint.Code));
        Assert.Contains("op  x1, watermark none, keys int64, ", savepoint.Output, StringComparison.Ordinal);
        Assert.Contains("  value  letter  string\n", savepoint.Output, StringComparison.Ordinal);
        Assert.Contains("  list   seen    [date]\n", savepoint.Output, StringComparison.Ordinal);
        Assert.Equal(10, savepoint.Lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(cells => cells is [_, "letter", _, _]).Sum(cells => int.Parse(cells[2], null)));
        Assert.StartsWith("Checkpoint 4 of job 'counts', ", checkpoint.Output, StringComparison.Ordinal);
        Assert.Contains("  operator list  splits", checkpoint.Output, StringComparison.Ordinal);
        Assert.Contains("  union list  subtasks  int32, 2 items, ", checkpoint.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dump_AsJson_PrintsEachKeyDecoded()
    {
        var run = await ToolRun.OfAsync("dump", folders.Savepoint, "--json");

        Assert.Equal(0, run.Code);
        var entries = run.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var letters = entries.Where(each => each.GetProperty("state").GetString() == "letter").ToList();
        Assert.Equal(Enumerable.Range(0, 10).Select(key => (long)key), letters.Select(each => each.GetProperty("key").GetInt64()).Order());
        Assert.All(letters, each => Assert.Equal(StoredFolders.ValueOf(each.GetProperty("key").GetInt64()), each.GetProperty("value").GetString()));
        Assert.All(letters, each => Assert.Equal(("op", "value"), (each.GetProperty("operator").GetString(), each.GetProperty("kind").GetString())));
        Assert.Equal(["[\"2025-03-01\"]", "[\"2025-03-02\"]"], entries.Where(each => each.GetProperty("state").GetString() == "seen").OrderBy(each => each.GetProperty("key").GetInt64()).Select(each => each.GetProperty("value").GetRawText()));
    }

    [Fact]
    public async Task Dump_OfOneState_PrintsThatOnlyOrSaysWhatThereIs()
    {
        var one = await ToolRun.OfAsync("dump", folders.Savepoint, "--operator=op", "--state", "seen");
        var none = await ToolRun.OfAsync("dump", folders.Savepoint, "--state", "sene");

        Assert.Equal((0, 2), (one.Code, one.Lines.Length));
        Assert.Contains("op/seen 1 [\"2025-03-02\"]", one.Lines);
        Assert.Equal((1, "There is no such keyed state. There are: 'op'/'letter', 'op'/'seen'.\n"), (none.Code, none.Error));
    }

    [Fact]
    public async Task Verify_OfWhatIsWell_SaysSo()
    {
        var savepoint = await ToolRun.OfAsync("verify", folders.Savepoint);
        var job = await ToolRun.OfAsync("verify", folders.Checkpoints);

        Assert.Equal((0, 0), (savepoint.Code, job.Code));
        Assert.EndsWith("KB verified\n", savepoint.Output, StringComparison.Ordinal);
        Assert.Equal(["checkpoint 4 of job 'counts'", "checkpoint 5 of job 'counts'", "checkpoint 6 of job 'counts'"], job.Lines.Select(line => line.Split(':')[0]));
    }

    [Theory]
    [InlineData("data")]
    [InlineData("savepoint")]
    public async Task Verify_OfDamage_NamesItAndEndsWithCode3(string what)
    {
        var folder = folders.New($"damaged-{what}");
        Copy(folders.Savepoint, folder);
        var file = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Single(path => Path.GetRelativePath(folder, path).StartsWith(what, StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 3] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        var run = await ToolRun.OfAsync("verify", folder);

        Assert.Equal(3, run.Code);
        Assert.Contains($"'{Path.GetRelativePath(folder, file)}' is damaged in its", run.Output + run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_OfAJobWithDamagedEntry_GoesOnWithTheOthers()
    {
        var folder = folders.New("damaged-log");
        Copy(folders.Checkpoints, folder);
        var file = Path.Combine(folder, "log", "00000000000000000005");
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[50] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        var run = await ToolRun.OfAsync("verify", folder);
        var list = await ToolRun.OfAsync("list", folder);

        Assert.Equal((3, 3), (run.Code, list.Code));
        Assert.Contains("'log/00000000000000000005' is damaged", run.Output, StringComparison.Ordinal);
        Assert.Contains("checkpoint 4 of job 'counts': ", run.Output, StringComparison.Ordinal);
        Assert.Contains("checkpoint 6 of job 'counts': ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_OfTheSameAndOfOthers_EndsWithCode0Or4()
    {
        var same = await ToolRun.OfAsync("diff", folders.Savepoint, folders.Savepoint);
        var changed = await ToolRun.OfAsync("diff", folders.Savepoint, folders.Changed);
        var few = await ToolRun.OfAsync("diff", folders.Savepoint, folders.Changed, "--limit", "1");

        Assert.Equal((0, "No difference.\n"), (same.Code, same.Output));
        Assert.Equal(4, changed.Code);
        Assert.Equal(["+ op/letter 10", "- op/letter 3", "~ op/letter 4"], changed.Lines[..3].Select(line => string.Join(' ', line.Split(' ').Take(3))).Order(StringComparer.Ordinal));
        Assert.Equal("3 differences.", changed.Lines[3]);
        Assert.Equal((3, "  op/letter: 2 more"), (few.Lines.Length, few.Lines[1]));
    }

    [Fact]
    public async Task Copy_OfACheckpoint_IsASavepointThatAJobBeginsWith()
    {
        var folder = folders.New("copied");

        var run = await ToolRun.OfAsync("copy", folders.Checkpoints, folder, "--checkpoint", "5");
        var again = await ToolRun.OfAsync("copy", folders.Checkpoints, folder);
        var diff = await ToolRun.OfAsync("diff", folders.Checkpoints, folder, "--checkpoint", "5");

        Assert.Equal((0, $"Checkpoint 5 of job 'counts' was copied to '{folder}'.\n"), (run.Code, run.Output));
        Assert.Equal(1, again.Code);
        Assert.Contains("cannot be written to", again.Error, StringComparison.Ordinal);
        Assert.Equal((0, "No difference.\n"), (diff.Code, diff.Output));
    }

    [Fact]
    public async Task Delete_OfASavepoint_LeavesNothingOfIt()
    {
        var folder = folders.New("to-delete");
        Copy(folders.Savepoint, folder);

        var run = await ToolRun.OfAsync("delete", folder);

        Assert.Equal((0, "The savepoint of checkpoint 0 of job 'letters' was deleted.\n"), (run.Code, run.Output));
        Assert.Empty(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Delete_OfAnUnfinishedSavepoint_IsAskedForByName()
    {
        var folder = folders.New("unfinished");
        Copy(folders.Savepoint, folder);
        var finished = await ToolRun.OfAsync("delete", folder, "--unfinished");
        File.Delete(Path.Combine(folder, "savepoint"));

        var unasked = await ToolRun.OfAsync("delete", folder);
        var run = await ToolRun.OfAsync("delete", folder, "--unfinished");

        Assert.Equal(1, finished.Code);
        Assert.Contains("holds a finished savepoint, and was left as it is", finished.Error, StringComparison.Ordinal);
        Assert.Equal(1, unasked.Code);
        Assert.Contains("a savepoint that was never finished", unasked.Error, StringComparison.Ordinal);
        Assert.Equal(0, run.Code);
        Assert.Empty(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Delete_OfAJobsCheckpoints_IsRefusedAndDeletesNothing()
    {
        var before = Directory.EnumerateFiles(folders.Checkpoints, "*", SearchOption.AllDirectories).Order().ToList();

        var run = await ToolRun.OfAsync("delete", folders.Checkpoints);
        var released = await ToolRun.OfAsync("delete", folders.Checkpoints, "--released");

        Assert.Equal(1, run.Code);
        Assert.Contains("holds the checkpoints of a job, and was left as it is. Whether a runner of the job lives cannot be seen from here", run.Error, StringComparison.Ordinal);
        Assert.Equal((0, "0 released checkpoints were deleted.\n"), (released.Code, released.Output));
        Assert.Equal(before, Directory.EnumerateFiles(folders.Checkpoints, "*", SearchOption.AllDirectories).Order());
    }

    [Fact]
    public async Task Delete_OfWhatAJobHasReleased_DeletesThatAlone()
    {
        var folder = folders.New("released");
        Copy(folders.Checkpoints, folder);
        var before = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order().ToList();
        await File.WriteAllBytesAsync(Path.Combine(folder, StoredFolders.ReleasedEntryName), folders.ReleasedEntry, TestContext.Current.CancellationToken);
        var list = await ToolRun.OfAsync("list", folder);

        var run = await ToolRun.OfAsync("delete", folder, "--released");

        Assert.Contains(list.Lines, line => line.StartsWith("3 ", StringComparison.Ordinal) && line.EndsWith("released", StringComparison.Ordinal));
        Assert.Equal((0, "1 released checkpoint was deleted.\n"), (run.Code, run.Output));
        Assert.Equal(before, Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order());
        Assert.Equal(0, (await ToolRun.OfAsync("verify", folder)).Code);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!); // a file is in a folder
            File.Copy(file, copy);
        }
    }
}
