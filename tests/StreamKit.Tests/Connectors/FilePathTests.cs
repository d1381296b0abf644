using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Connectors;

public class FilePathTests
{
    [Fact]
    public async Task Folder_Files_AreReadWithoutHiddenOnesAndSubfolders()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "b.jsonl", "a.jsonl", ".hidden", "_temporary", "c.txt" })
            await File.WriteAllTextAsync(folder[name], $"\"{name}\"");
        Directory.CreateDirectory(folder["below"]);
        await File.WriteAllTextAsync(folder["below", "d.jsonl"], "\"d\"");

        Assert.Equal(["a.jsonl", "b.jsonl", "c.txt"], await FileSource.JsonLines<string>(folder.Path).ReadAllAsync());
        Assert.Equal(["a.jsonl", "b.jsonl"], await FileSource.JsonLines<string>(folder["*.jsonl"]).ReadAllAsync());
        Assert.Equal(["a.jsonl", "b.jsonl"], await FileSource.JsonLines<string>(folder["?.jsonl"]).ReadAllAsync());
        Assert.Equal([".hidden"], await FileSource.JsonLines<string>(folder[".hidden"]).ReadAllAsync());
    }

    [Theory]
    [InlineData("missing.csv", "There is no file or folder")]
    [InlineData("*.csv", "matches '*.csv'")]
    [InlineData("missing/*.csv", "There is no folder")]
    [InlineData("*/x.csv", "There is no file or folder")]
    [InlineData("*/*.csv", "a wildcard in a folder's name")]
    [InlineData("", "holds no files")]
    public async Task Path_WithoutFiles_IsToldByDiscover(string path, string expected)
    {
        using var folder = new TemporaryFolder();
        Source<string> source = FileSource.JsonLines<string>(folder[path]);

        StreamKitException e = await Assert.ThrowsAsync<StreamKitException>(source.DiscoverAsync);

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_GrownSinceDiscovery_IsReadAsFarAsItWas()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input.jsonl"], "1\n2\n");
        Source<int> source = FileSource.JsonLines<int>(folder["input.jsonl"]);
        SourceSplit split = Assert.Single(await source.DiscoverAsync());

        await File.AppendAllTextAsync(folder["input.jsonl"], "3\n");

        Assert.Equal([1, 2], (await source.ReadAsync(split)).Records);
    }

    [Theory]
    [InlineData("1\n", "it has 2 bytes, and had 4")]
    [InlineData("1\n3\n", "its first or last bytes are others")]
    [InlineData(null, "is not there")]
    public async Task File_OtherThanAtDiscovery_FailsNamingIt(string? now, string expected)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input.jsonl"], "1\n2\n");
        Source<int> source = FileSource.JsonLines<int>(folder["input.jsonl"]);
        SourceSplit split = Assert.Single(await source.DiscoverAsync());

        File.Delete(folder["input.jsonl"]);
        if (now is not null)
            await File.WriteAllTextAsync(folder["input.jsonl"], now);
        StreamKitException e = await Assert.ThrowsAnyAsync<StreamKitException>(() => source.ReadAsync(split));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Contains(folder["input.jsonl"], e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("in/a.jsonl", "in/a.jsonl", true)]
    [InlineData("in/../in/a.jsonl", "in/a.jsonl", true)]
    [InlineData("in", "in/a.jsonl", true)]
    [InlineData("in/", "in/a.jsonl", true)]
    [InlineData("in/*.jsonl", "in/a.jsonl", true)]
    [InlineData("in/?.*", "in/a.jsonl", true)]
    [InlineData("in/b.jsonl", "in/a.jsonl", false)]
    [InlineData("in/b*.jsonl", "in/a.jsonl", false)]
    [InlineData("other/*.jsonl", "in/a.jsonl", false)]
    [InlineData(".", "in/a.jsonl", false)]
    public void Path_AndAFileOfTheCheckpoint_AreComparedByName(string path, string file, bool expected)
    {
        Assert.Equal(expected, StreamKit.Connectors.FilePaths.StandsFor(path, file));
        Assert.Equal(expected, StreamKit.Connectors.FilePaths.StandsFor(path, Path.GetFullPath(file)));
    }

    [Theory]
    [InlineData("other.jsonl")]
    [InlineData("elsewhere/renamed.jsonl")]
    [InlineData("elsewhere")]
    [InlineData("elsewhere/*.jsonl")]
    public async Task File_MovedAsItWas_IsReadWhereItIs(string path)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input.jsonl"], "1\n2\n3\n");
        SourceSplit split = Assert.Single(await FileSource.JsonLines<int>(folder["input.jsonl"]).DiscoverAsync());
        Directory.CreateDirectory(folder["elsewhere"]);
        string target = path.EndsWith("renamed.jsonl", StringComparison.Ordinal) || path == "other.jsonl" ? path : "elsewhere/input.jsonl";
        File.Move(folder["input.jsonl"], folder[target]);
        if (target == "elsewhere/input.jsonl")
            await File.WriteAllTextAsync(folder["elsewhere", "another.jsonl"], "4\n");

        Assert.Equal([2, 3], (await FileSource.JsonLines<int>(folder[path]).ReadAsync(split, new SourcePosition(2))).Records);
    }

    [Theory]
    [InlineData("other.jsonl")]
    [InlineData("elsewhere")]
    [InlineData("elsewhere/*.csv")]
    [InlineData("nowhere.jsonl")]
    public async Task Path_OfAnotherFileThanTheCheckpoints_FailsNamingBoth(string path)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input.jsonl"], "1\n2\n3\n");
        SourceSplit split = Assert.Single(await FileSource.JsonLines<int>(folder["input.jsonl"]).DiscoverAsync());
        Directory.CreateDirectory(folder["elsewhere"]);
        await File.WriteAllTextAsync(folder["other.jsonl"], "1\n2\n4\n");
        await File.WriteAllTextAsync(folder["elsewhere", "input.jsonl"], "5\n6\n7\n");

        InputChangedException e = await Assert.ThrowsAsync<InputChangedException>(() => FileSource.JsonLines<int>(folder[path]).ReadAsync(split));

        Assert.Contains($"'{folder["input.jsonl"]}'", e.Message, StringComparison.Ordinal);
        Assert.Contains($"'{folder[path]}'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Path_WhoseFileCannotBeOpened_IsNotTakenForAnother()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["input.jsonl"], "1\n2\n3\n");
        SourceSplit split = Assert.Single(await FileSource.JsonLines<int>(folder["input.jsonl"]).DiscoverAsync());
        Directory.CreateDirectory(folder["elsewhere"]);
        File.CreateSymbolicLink(folder["elsewhere", "input.jsonl"], folder["elsewhere", "input.jsonl"]); // a loop: the system refuses to open it
        Source<int> source = FileSource.JsonLines<int>(folder["elsewhere"]);

        StreamKitException e = await Assert.ThrowsAsync<StreamKitException>(() => source.ReadAsync(split));

        Assert.False(e.IsPermanent);
        Assert.Contains("cannot be read", e.Message, StringComparison.Ordinal);
        File.Delete(folder["elsewhere", "input.jsonl"]);
        File.Move(folder["input.jsonl"], folder["elsewhere", "input.jsonl"]);
        Assert.Equal([1, 2, 3], (await source.ReadAsync(split)).Records);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("1/8")]
    [InlineData("{}")]
    [InlineData("{\"path\":null,\"stripe\":0,\"stripes\":1,\"chunkSize\":1,\"length\":1,\"fingerprint\":\"\"}")]
    [InlineData("{\"path\":\"x\",\"stripe\":0,\"stripes\":0,\"chunkSize\":1,\"length\":1,\"fingerprint\":\"\"}")]
    public void Split_OfAnotherSource_IsRefused(string? data)
    {
        StreamKitException e = Assert.Throws<StreamKitException>(() => FileSource.JsonLines<int>("x").CreateReader(new SourceSplit("x", data), default, SourceHarness.Context()));

        Assert.Contains("source 'input'", e.Message, StringComparison.Ordinal);
    }
}
