namespace StreamKit.State.Faster.Tests;

public sealed class LocalTierTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public void Open_BesideALivingOwner_TakesAnotherFolder()
    {
        using var first = LocalTier.Open(Options());
        using var firstStore = first.OpenStore("a[0]", homeHoldsRows: false);
        firstStore.Fill(1500 << 10);

        using var second = LocalTier.Open(Options());

        Assert.NotEqual(first.Folder, second.Folder);
        Assert.Equal(new string('x', 1000), firstStore.Read("filler-0"));
        Assert.NotEmpty(DataFiles());
    }

    [Fact]
    public void Open_AfterOwnersThatDied_DeletesWhatTheyLeft()
    {
        foreach (var dead in new[] { "stores-0", "stores-7" })
        {
            Directory.CreateDirectory(Path.Combine(_folder.Path, dead));
            File.WriteAllText(Path.Combine(_folder.Path, dead, "owner"), "");
            File.WriteAllText(Path.Combine(_folder.Path, dead, "1.0"), "rows");
        }

        using var tier = LocalTier.Open(Options());

        Assert.Equal(Path.Combine(_folder.Path, "stores-0"), tier.Folder);
        Assert.Empty(DataFiles());
    }

    [Fact]
    public void Dispose_OfStoresAndTier_LeavesNoFiles()
    {
        var tier = LocalTier.Open(Options());
        var store = tier.OpenStore("a[0]", homeHoldsRows: false);
        store.Fill(1500 << 10);
        Assert.NotEmpty(DataFiles());

        store.Dispose();
        Assert.Empty(DataFiles());
        tier.Dispose();

        using var next = LocalTier.Open(Options());
        Assert.Equal(tier.Folder, next.Folder);
    }

    [Fact]
    public void DropHead_OfRealFiles_GivesTheirRoomBack()
    {
        using var tier = LocalTier.Open(Options());
        using var store = tier.OpenStore("a[0]", homeHoldsRows: false);
        for (var i = 0; i < 40; i++)
        {
            store.Fill(200 << 10, $"round-{i}");
            store.Committed(store.Cut());
        }

        Assert.InRange(DataFiles().Sum(file => new FileInfo(file).Length), 1, TestStore.Smallest.DiskBytes);
    }

    [Fact]
    public void Open_InAFolderThatIsAFile_NamesItAndTheRemedy()
    {
        var file = Path.Combine(_folder.Path, "file");
        File.WriteAllText(file, "");

        var error = Assert.Throws<StreamKitException>(() => LocalTier.Open(Options(file)));

        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Contains("Name a folder", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private IEnumerable<string> DataFiles() =>
        Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "owner");

    private LocalStoreOptions Options(string? directory = null) =>
        new() { Directory = directory ?? _folder.Path, Stores = 1, MemoryBytes = 0, DiskBytes = 0, Time = TimeProvider.System };
}
