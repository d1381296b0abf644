using Microsoft.Win32.SafeHandles;
using StreamKit.Checkpoints;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints;

public sealed class FileCheckpointStoreTests : CheckpointStoreConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override ICheckpointStore Open() => new FileCheckpointStore(_folder["store"]);

    [Fact]
    public async Task TryCreate_Object_IsAFileOfThatNameAndNothingElseIsLeft()
    {
        await Open().TryCreateAsync("log/1", Bytes(10), default);

        Assert.Equal(Bytes(10), File.ReadAllBytes(_folder["store", "log", "1"]));
        Assert.Empty(Directory.GetFiles(_folder["store", ".tmp"]));
    }

    [Fact]
    public async Task FirstWrite_LeftoversOfDeadProcesses_AreSweptAndThoseOfLivingOnesStay()
    {
        Directory.CreateDirectory(_folder["store", ".tmp"]);
        File.WriteAllBytes(_folder["store", ".tmp", "dead"], Bytes(10));
        using SafeFileHandle living = FileSystemCalls.OfThisSystem.CreateLocked(_folder["store", ".tmp", "living"]);

        await Open().TryCreateAsync("log/1", Bytes(1), default);

        Assert.Equal([_folder["store", ".tmp", "living"]], Directory.GetFiles(_folder["store", ".tmp"]));
    }

    [Fact]
    public async Task Delete_LastObjectOfAFolder_RemovesTheFolder()
    {
        ICheckpointStore store = Open();
        await PutAsync(store, "data/1/a", Bytes(1));

        await store.DeleteAsync(["data/1/a"], default);

        Assert.Equal([_folder["store", ".tmp"]], Directory.GetFileSystemEntries(_folder["store"]));
    }

    [Fact]
    public async Task List_FilesThatAreNoObjects_AreLeftOut()
    {
        ICheckpointStore store = Open();
        await PutAsync(store, "log/1", Bytes(1));
        File.WriteAllText(_folder["store", "log", ".DS_Store"], "");
        File.WriteAllText(_folder["store", "log", "notes (old).txt"], "");

        List<StoredObject> found = await ListAsync(store, "");

        Assert.Equal(["log/1"], found.Select(o => o.Name));
    }

    [Fact]
    public async Task AnyCall_FolderCannotBeMade_NamesFolderObjectAndErrno()
    {
        File.WriteAllText(_folder["file"], "in the way");
        var store = new FileCheckpointStore(_folder["file", "store"]);

        var failure = await Assert.ThrowsAsync<StreamKitException>(async () => await store.TryCreateAsync("log/1", Bytes(1), default));

        Assert.Contains($"'{store.Directory}'", failure.Message);
        Assert.Contains("'log/1'", failure.Message);
        Assert.Contains("errno", failure.Message);
        Assert.IsAssignableFrom<IOException>(failure.InnerException);
    }

    [Theory]
    [InlineData(nameof(FileSystemCalls.Write))]
    [InlineData(nameof(FileSystemCalls.FlushToDisk))]
    [InlineData(nameof(FileSystemCalls.TryLink))]
    public async Task TryCreate_DiskFullAnywhereBeforeTheLink_LeavesNothingAndSaysWhy(string failing)
    {
        var store = new FileCheckpointStore(_folder["store"], new FaultyFileSystem(failing, NoSpace()));

        var failure = await Assert.ThrowsAsync<StreamKitException>(async () => await store.TryCreateAsync("log/1", Bytes(1), default));

        Assert.Contains("No space left on device", failure.Message);
        Assert.Contains("errno 28", failure.Message);
        Assert.Contains($"'{_folder["store"]}'", failure.Message);
        Assert.Empty(await ListAsync(Open(), ""));
        Assert.Empty(Directory.GetFiles(_folder["store", ".tmp"]));
    }

    [Theory]
    [InlineData(nameof(FileSystemCalls.Write))]
    [InlineData(nameof(FileSystemCalls.FlushToDisk))]
    [InlineData(nameof(FileSystemCalls.Replace))]
    public async Task Put_DiskFullAnywhereBeforeTheRename_KeepsTheOldObjectAndSaysWhy(string failing)
    {
        await PutAsync(Open(), "a", Bytes(3));
        var store = new FileCheckpointStore(_folder["store"], new FaultyFileSystem(failing, NoSpace()));

        var failure = await Assert.ThrowsAsync<StreamKitException>(() => PutAsync(store, "a", Bytes(100)));

        Assert.Contains("errno 28", failure.Message);
        Assert.Equal(Bytes(3), await ReadAsync(Open(), "a"));
        Assert.Empty(Directory.GetFiles(_folder["store", ".tmp"]));
    }

    [Fact]
    public async Task TryCreate_FlushOfTheFolderFails_IsReportedThoughTheObjectIsThere()
    {
        await Open().TryCreateAsync("log/1", Bytes(1), default);
        var store = new FileCheckpointStore(_folder["store"], new FaultyFileSystem("FlushFolder:log", NoSpace()));

        await Assert.ThrowsAsync<StreamKitException>(async () => await store.TryCreateAsync("log/2", Bytes(1), default));

        Assert.False(await Open().TryCreateAsync("log/2", Bytes(1), default));
    }

    [Fact]
    public async Task Put_FolderDeletedMeanwhile_IsMadeAgain()
    {
        bool once = false;
        var calls = new FaultyFileSystem("", NoSpace())
        {
            BeforeReplace = () =>
            {
                if (!once)
                {
                    once = true;
                    Directory.Delete(_folder["store", "data"], recursive: true);
                }
            },
        };
        var store = new FileCheckpointStore(_folder["store"], calls);

        await PutAsync(store, "data/1/a", Bytes(3));

        Assert.True(once);
        Assert.Equal(Bytes(3), await ReadAsync(store, "data/1/a"));
    }

    [Fact]
    public async Task TryCreate_TemporaryFileLockedAndSweptByAnother_TakesTheNext()
    {
        bool once = false;
        string held = Path.Combine(_folder["store"], "held");
        var calls = new FaultyFileSystem("", NoSpace())
        {
            // Between its creation and its lock another runner takes the file for a leftover: what is thrown is that it is locked, and then it is gone.
            BeforeCreate = () =>
            {
                if (once)
                    return;
                once = true;
                using var first = File.Open(held, FileMode.Create, FileAccess.Write, FileShare.None);
                using var second = File.Open(held, FileMode.Open, FileAccess.Write, FileShare.None);
            },
        };
        var store = new FileCheckpointStore(_folder["store"], calls);

        Assert.True(await store.TryCreateAsync("log/1", Bytes(1), default));
        Assert.True(once);
    }

    private static IOException NoSpace() => new("No space left on device", 28);

    /// <summary>The real file system with one call that fails.</summary>
    private sealed class FaultyFileSystem(string failing, IOException failure) : FileSystemCalls
    {
        private readonly FileSystemCalls _real = OfThisSystem;

        public Action? BeforeReplace { get; init; }

        public Action? BeforeCreate { get; init; }

        public override SafeFileHandle CreateLocked(string path)
        {
            BeforeCreate?.Invoke();
            return _real.CreateLocked(path);
        }

        public override bool IsHeld(IOException failure) => _real.IsHeld(failure);

        public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
        {
            FailIf(nameof(Write));
            base.Write(file, bytes, offset);
        }

        public override void FlushToDisk(SafeFileHandle file)
        {
            FailIf(nameof(FlushToDisk));
            base.FlushToDisk(file);
        }

        public override bool TryLink(string existing, string created)
        {
            FailIf(nameof(TryLink));
            return _real.TryLink(existing, created);
        }

        public override void Replace(string source, string destination)
        {
            FailIf(nameof(Replace));
            BeforeReplace?.Invoke();
            _real.Replace(source, destination);
        }

        public override void FlushFolder(string path)
        {
            FailIf($"{nameof(FlushFolder)}:{Path.GetFileName(path)}");
            _real.FlushFolder(path);
        }

        private void FailIf(string call)
        {
            if (call == failing)
            {
                throw failure;
            }
        }
    }
}
