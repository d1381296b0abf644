using System.IO.Pipelines;

namespace StreamKit.Tests.Checkpoints;

/// <summary>What every <see cref="ICheckpointStore"/> must do. A store's test class derives from this one and opens its store.</summary>
public abstract class CheckpointStoreConformance
{
    /// <summary>Opens the store of this test. Each call is another client, as if in another process, of the same location.</summary>
    protected abstract ICheckpointStore Open();

    [Fact]
    public async Task Put_NewName_IsReadBackWhole()
    {
        ICheckpointStore store = Open();
        byte[] content = Bytes(300_000);

        await PutAsync(store, "data/1/segment", content);

        Assert.Equal(content, await ReadAsync(Open(), "data/1/segment"));
    }

    [Fact]
    public async Task Put_ExistingName_ReplacesIt()
    {
        ICheckpointStore store = Open();
        await PutAsync(store, "a", Bytes(1000));

        await PutAsync(store, "a", Bytes(10));

        Assert.Equal(Bytes(10), await ReadAsync(store, "a"));
        Assert.Equal([new StoredObject("a", 10)], await ListAsync(store, ""));
    }

    [Fact]
    public async Task Put_Empty_IsAnObject()
    {
        ICheckpointStore store = Open();

        await PutAsync(store, "empty", []);

        Assert.Empty(await ReadAsync(store, "empty"));
        Assert.Equal([new StoredObject("empty", 0)], await ListAsync(store, ""));
    }

    [Fact]
    public async Task Put_ContentStillComing_IsNotVisible()
    {
        ICheckpointStore store = Open();
        await PutAsync(store, "old", Bytes(5));
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(Bytes(30_000));

        Task replacing = store.PutAsync("old", pipe.Reader, default).AsTask();
        await pipe.Writer.WriteAsync(Bytes(30_000));

        // A process killed here leaves exactly what another one sees now.
        Assert.Equal(Bytes(5), await ReadAsync(Open(), "old"));
        Assert.Equal([new StoredObject("old", 5)], await ListAsync(Open(), ""));
        await pipe.Writer.CompleteAsync();
        await replacing;
        Assert.Equal(60_000, (await ReadAsync(Open(), "old")).Length);
    }

    [Fact]
    public async Task Put_ContentFails_StoresNothingAndPassesTheFailureOn()
    {
        ICheckpointStore store = Open();
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(Bytes(10_000));
        await pipe.Writer.CompleteAsync(new InvalidDataException("the cause"));

        var failure = await Assert.ThrowsAsync<InvalidDataException>(async () => await store.PutAsync("a", pipe.Reader, default));

        Assert.Equal("the cause", failure.Message);
        Assert.Empty(await ListAsync(store, ""));
    }

    [Fact]
    public async Task Put_Cancelled_LeavesNothingAndCompletesTheContent()
    {
        ICheckpointStore store = Open();
        using var cancellation = new CancellationTokenSource();
        var pipe = new Pipe(new PipeOptions(useSynchronizationContext: false));
        await pipe.Writer.WriteAsync(Bytes(10_000));

        Task put = store.PutAsync("a/b", pipe.Reader, cancellation.Token).AsTask();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put);
        Assert.Empty(await ListAsync(Open(), ""));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pipe.Writer.WriteAsync(Bytes(1)));
    }

    [Fact]
    public async Task TryCreate_NewName_WinsOnceAndKeepsTheFirstContent()
    {
        ICheckpointStore store = Open();

        bool first = await store.TryCreateAsync("log/1", Bytes(100), default);
        bool second = await Open().TryCreateAsync("log/1", Bytes(7), default);
        bool repeated = await store.TryCreateAsync("log/1", Bytes(100), default);

        Assert.True(first);
        Assert.False(second);
        Assert.False(repeated);
        Assert.Equal(Bytes(100), await ReadAsync(store, "log/1"));
    }

    [Fact]
    public async Task TryCreate_TwentyRacers_ExactlyOneWinsAndItsContentStays()
    {
        for (int round = 0; round < 20; round++)
        {
            string name = $"log/{round:D20}";
            using var start = new Barrier(20);
            Task<bool>[] racers = [.. Enumerable.Range(0, 20).Select(racer => Task.Factory.StartNew(
                () =>
                {
                    ICheckpointStore store = Open();
                    start.SignalAndWait();
                    return store.TryCreateAsync(name, new[] { (byte)racer }, default).AsTask().GetAwaiter().GetResult();
                },
                default,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default))];

            bool[] won = await Task.WhenAll(racers);

            int winner = Assert.Single(Enumerable.Range(0, 20), racer => won[racer]);
            Assert.Equal([(byte)winner], await ReadAsync(Open(), name));
        }
    }

    [Fact]
    public async Task TryCreate_AlreadyCancelled_LeavesNothing()
    {
        ICheckpointStore store = Open();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await store.TryCreateAsync("log/1", Bytes(1), new CancellationToken(canceled: true)));

        Assert.Empty(await ListAsync(store, ""));
    }

    [Theory]
    [InlineData(0, null, 0, 100)]
    [InlineData(0, 100L, 0, 100)]
    [InlineData(10, 20L, 10, 20)]
    [InlineData(99, 1L, 99, 1)]
    [InlineData(90, 100L, 90, 10)]
    [InlineData(90, null, 90, 10)]
    [InlineData(100, null, 100, 0)]
    [InlineData(100, 5L, 100, 0)]
    [InlineData(1000, 5L, 100, 0)]
    [InlineData(50, 0L, 50, 0)]
    public async Task OpenRead_Range_IsThePartThatExists(long offset, long? length, int expectedStart, int expectedLength)
    {
        ICheckpointStore store = Open();
        await PutAsync(store, "a", Bytes(100));

        byte[] read = await ReadAsync(store, "a", offset, length);

        Assert.Equal(Bytes(100)[expectedStart..(expectedStart + expectedLength)], read);
    }

    [Fact]
    public async Task OpenRead_MissingName_SaysWhich()
    {
        ICheckpointStore store = Open();
        await PutAsync(store, "folder/there", Bytes(1));

        foreach (string missing in new[] { "missing", "folder", "folder/ther", "no/such/folder" })
        {
            var failure = await Assert.ThrowsAsync<StoredObjectNotFoundException>(
                async () => await store.OpenReadAsync(missing, 0, null, default));

            Assert.Equal(missing, failure.Name);
            Assert.Contains($"'{missing}'", failure.Message);
        }
    }

    [Fact]
    public async Task OpenRead_ObjectReplacedMeanwhile_GoesOnWithTheOneItOpened()
    {
        ICheckpointStore store = Open();
        await PutAsync(store, "a", Bytes(100_000));
        await using Stream reading = await store.OpenReadAsync("a", 0, null, default);
        byte[] content = new byte[100_000];
        await reading.ReadExactlyAsync(content.AsMemory(0, 1));

        await PutAsync(Open(), "a", Bytes(3));
        await reading.ReadExactlyAsync(content.AsMemory(1));

        Assert.Equal(Bytes(100_000), content);
    }

    [Fact]
    public async Task List_Prefix_IsOrdinalAndEndsAnywhereInAName()
    {
        ICheckpointStore store = Open();
        string[] names = ["log/00000000000000000002", "log/00000000000000000010", "logs", "log-1", "data/1/b", "data/1/a", "data/10/a", "Z", "a.b-c_D"];
        foreach (string name in names)
        {
            await PutAsync(store, name, Bytes(name.Length));
        }

        foreach (string prefix in new[] { "", "log", "log/", "log/0", "data/1", "data/1/", "data", "z", "a.", "missing/" })
        {
            List<StoredObject> found = await ListAsync(Open(), prefix);

            string[] expected = [.. names.Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
            Assert.Equal(expected, found.Select(o => o.Name));
            Assert.All(found, o => Assert.Equal(o.Name.Length, o.Length));
        }
    }

    [Fact]
    public async Task List_NothingStored_IsEmpty() => Assert.Empty(await ListAsync(Open(), "log/"));

    [Fact]
    public async Task Delete_SomeMissing_RemovesTheRestAndCanBeRepeated()
    {
        ICheckpointStore store = Open();
        await PutAsync(store, "a/1", Bytes(1));
        await PutAsync(store, "a/2", Bytes(1));
        await PutAsync(store, "b/1", Bytes(1));

        await store.DeleteAsync(["a/1", "b/1", "missing", "no/such/folder/x"], default);
        await store.DeleteAsync(["a/1", "b/1", "missing", "no/such/folder/x"], default);

        Assert.Equal(["a/2"], (await ListAsync(Open(), "")).Select(o => o.Name));
        await PutAsync(store, "b/1", Bytes(2));
        Assert.Equal(2, (await ReadAsync(store, "b/1")).Length);
        Assert.True(await store.TryCreateAsync("a/1", Bytes(1), default));
    }

    [Fact]
    public async Task Names_AllThatAreAllowed_AreTakenAsTheyAre()
    {
        ICheckpointStore store = Open();
        string longest = string.Join('/', new string('p', 200), new string('q', 200), new string('r', 110));
        string[] names = ["x", "0", "-", "_", "a..b", "a.tmp", "-a/--/_", "1/2/3/4/5/6/7/8/9/10", "com1.x", longest];

        foreach (string name in names)
        {
            Assert.True(await store.TryCreateAsync(name, Bytes(3), default));
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), (await ListAsync(Open(), "")).Select(o => o.Name));
        Assert.All(names, name => Assert.Equal(3, ReadAsync(store, name).Result.Length));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/etc/passwd")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/../b")]
    [InlineData("a/.hidden")]
    [InlineData("a.")]
    [InlineData("a\\b")]
    [InlineData("C:x")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    public async Task Names_NotAllowed_AreRefusedByEveryCall(string name)
    {
        ICheckpointStore store = Open();

        await Assert.ThrowsAsync<StreamKitException>(async () => await PutAsync(store, name, Bytes(1)));
        await Assert.ThrowsAsync<StreamKitException>(async () => await store.TryCreateAsync(name, Bytes(1), default));
        await Assert.ThrowsAsync<StreamKitException>(async () => await store.OpenReadAsync(name, 0, null, default));
        await Assert.ThrowsAsync<StreamKitException>(async () => await store.DeleteAsync([name], default));

        Assert.Empty(await ListAsync(store, ""));
    }

    [Fact]
    public async Task Put_ManyAtOnce_AllArrive()
    {
        ICheckpointStore store = Open();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => PutAsync(store, $"many/{i % 5}/{i:D3}", Bytes(i * 100)))));

        List<StoredObject> found = await ListAsync(store, "many/");
        Assert.Equal(50, found.Count);
        Assert.Equal(Enumerable.Range(0, 50).Sum(i => i * 100L), found.Sum(o => o.Length));
    }

    protected static async Task PutAsync(ICheckpointStore store, string name, byte[] content) =>
        await store.PutAsync(name, PipeReader.Create(new MemoryStream(content)), default);

    protected static async Task<byte[]> ReadAsync(ICheckpointStore store, string name, long offset = 0, long? length = null)
    {
        await using Stream stream = await store.OpenReadAsync(name, offset, length, default);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    protected static async Task<List<StoredObject>> ListAsync(ICheckpointStore store, string prefix)
    {
        var found = new List<StoredObject>();
        await foreach (StoredObject each in store.ListAsync(prefix, default))
        {
            found.Add(each);
        }

        return found;
    }

    /// <summary>Bytes that differ from each other and whose beginning does not depend on the count.</summary>
    protected static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = (byte)((i * 31) ^ (i >> 8));
        }

        return bytes;
    }
}
