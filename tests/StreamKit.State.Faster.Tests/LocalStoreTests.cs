using FASTER.core;

namespace StreamKit.State.Faster.Tests;

/// <summary>The rules of the store, one by one.</summary>
public class LocalStoreTests
{
    private const int MemoryAndMore = 1200 << 10;

    [Fact]
    public void Read_OfRowsInMemoryAndOnDisk_FindsTheNewest()
    {
        var files = new FaultyFiles();
        using var store = TestStore.Open(files);
        store.Upsert("a", "old");
        store.Upsert("b", "longer than what follows");
        store.Upsert("empty", "");
        store.Delete("gone");
        store.Fill(MemoryAndMore);
        store.Upsert("a", "new");
        store.Upsert("b", "short");
        store.Upsert("b", "x");

        var answers = store.ReadAll("a", "b", "empty", "gone", "never", "filler-1000");

        Assert.Equal(["new", "x", "", "-", "-", new string('x', 1000)], answers);
        Assert.True(files.Reads > 0);
    }

    [Fact]
    public void Upsert_AfterACut_SurvivesTheDropOfWhatIsOlder()
    {
        using var store = TestStore.Open(new FaultyFiles());
        store.Upsert("a", "1");
        store.Fill(3 * TestStore.Smallest.SegmentBytes);
        var cut = store.Cut();
        store.Upsert("a", "2"); // as long as before: it would fit in place, below the cut
        store.Fill(MemoryAndMore, "later");

        store.Committed(cut);

        Assert.True(store.DropHead());
        Assert.Equal("2", store.Read("a"));
        Assert.Equal("?", store.Read("filler-0"));
    }

    [Fact]
    public void DropHead_WithNothingCommitted_DropsNothing()
    {
        using var store = TestStore.Open(new FaultyFiles());
        store.Upsert("a", "1");
        store.Fill(MemoryAndMore);
        store.Cut();

        Assert.False(store.DropHead());
        Assert.Equal(["1", "-"], store.ReadAll("a", "never"));
    }

    /// <summary>A late write would bring the file back, and FASTER would wait for it.</summary>
    [Fact]
    public void DropHead_WithNothingWrittenYet_DropsNothing()
    {
        var scheduled = new Queue<IThreadPoolWorkItem>();
        var files = new FaultyFiles();
        using var store = TestStore.Open(files, scheduled.Enqueue);
        store.Fill(3 * TestStore.Smallest.SegmentBytes);
        store.Committed(store.Cut());

        Assert.False(store.DropHead());
        while (scheduled.TryDequeue(out var work))
            work.Execute();
        Assert.True(store.DropHead());

        Assert.InRange(files.Bytes, 1, (3 * TestStore.Smallest.SegmentBytes) - 1);
    }

    [Fact]
    public void DropHead_WithLaterRows_KeepsAllThatIsNewerThanTheCommittedCut()
    {
        using var store = TestStore.Open(new FaultyFiles(), sizes: TestStore.Deep);
        store.Fill(3 * TestStore.Deep.SegmentBytes);
        var committed = store.Cut();
        store.Upsert("after", "1");
        store.Fill(3 * TestStore.Deep.SegmentBytes, "later");
        store.Cut();
        store.Fill(MemoryAndMore, "latest");
        store.Committed(committed);

        while (store.DropHead())
        {
        }

        Assert.Equal("1", store.Read("after"));
        Assert.Equal(new string('x', 1000), store.Read("later-1000"));
        Assert.Equal("?", store.Read("filler-0"));
    }

    [Fact]
    public void Upsert_WithTheDiskBudgetUsedUp_SaysSoAndGoesOnAfterACommit()
    {
        var files = new FaultyFiles();
        using var store = TestStore.Open(files);
        store.Upsert("a", "1");

        var full = Assert.Throws<LocalStoreFullException>(() => store.Fill(10 << 20));
        Assert.Contains("'words[0]'", full.Message, StringComparison.Ordinal);
        Assert.Equal("1", store.Read("a"));

        store.Committed(store.Cut());
        store.Upsert("b", "2");
        Assert.Equal(["?", "2"], store.ReadAll("never", "b"));
        Assert.InRange(files.MostBytes, 1, TestStore.Smallest.DiskBytes);
    }

    [Fact]
    public void Upsert_WithTheDiskFull_SaysSoAndGoesOnWhenThereIsRoom()
    {
        var files = new FaultyFiles { Capacity = 300_000 };
        using var store = TestStore.Open(files);
        store.Upsert("a", "1");

        Assert.Throws<LocalStoreFullException>(() => store.Fill(2 << 20));
        Assert.Throws<LocalStoreFullException>(() => store.Fill(2 << 20));
        Assert.Equal("1", store.Read("a"));

        files.Capacity = long.MaxValue;
        store.Upsert("b", "2");
        Assert.Equal(["1", "2"], store.ReadAll("a", "b"));
    }

    [Fact]
    public void Delete_OfARowWhoseOlderVersionsWereDropped_StaysProofOfAbsence()
    {
        using var store = TestStore.Open(new FaultyFiles());
        store.Upsert("a", "1");
        store.Fill(MemoryAndMore);
        store.Committed(store.Cut());
        Assert.True(store.DropHead());

        store.Upsert("a", "2");
        store.Delete("a");

        Assert.Equal("-", store.Read("a"));
    }

    [Fact]
    public void Read_OfAMissingKey_IsProofOnlyWhileNothingCanBeElsewhere()
    {
        using var empty = TestStore.Open(new FaultyFiles());
        using var restored = TestStore.Open(new FaultyFiles(), homeHoldsRows: true);
        restored.Delete("deleted");

        Assert.Equal("-", empty.Read("a"));
        Assert.Equal(["?", "-"], restored.ReadAll("a", "deleted"));
    }

    [Fact]
    public void Read_OfValuesLongerThanAPage_PutsThemTogether()
    {
        using var store = TestStore.Open(new FaultyFiles(), sizes: TestStore.Deep);
        var first = string.Concat(Enumerable.Range(0, 200_000));
        var second = string.Concat(Enumerable.Range(100_000, 100_000));

        store.Upsert("long", first);
        store.Upsert("long2", first);
        store.Upsert("long", second);
        store.Upsert("long2", "short");
        store.Fill(MemoryAndMore);
        store.Upsert("short", "1");

        Assert.Equal(["short", second, "1"], store.ReadAll("long2", "long", "short"));
    }

    [Fact]
    public void Read_OfALongValueThatIsPartlyDropped_SaysThatItMayBeElsewhere()
    {
        using var store = TestStore.Open(new FaultyFiles());
        store.Upsert("long", new string('y', 5 * (int)TestStore.Smallest.SegmentBytes));
        store.Committed(store.Cut());
        store.Fill(MemoryAndMore);

        Assert.True(store.DropHead());

        Assert.Equal("?", store.Read("long"));
    }

    [Fact]
    public void Read_ThatGoesOnFailing_IsNeverTakenForAbsence()
    {
        var files = new FaultyFiles();
        using var store = TestStore.Open(files);
        store.Upsert("a", "1");
        store.Fill(MemoryAndMore);
        files.FailReads = true;

        var failed = Assert.Throws<LocalStoreFailedException>(() => store.ReadAll("filler-1500000", "a"));

        files.FailReads = false;
        Assert.Contains("injected read error", failed.Message, StringComparison.Ordinal);
        Assert.Same(failed.InnerException, Assert.Throws<LocalStoreFailedException>(() => store.Read("a")).InnerException);
        Assert.Throws<LocalStoreFailedException>(() => store.Upsert("b", "2"));
        Assert.Throws<LocalStoreFailedException>(() => store.Cut());
        Assert.Throws<LocalStoreFailedException>(() => store.DropHead());
        Assert.Throws<LocalStoreFailedException>(() => store.GrowIndex());
    }

    [Fact]
    public void Upsert_WhenWritesGoOnFailing_FailsInsteadOfWaitingForEver()
    {
        var files = new FaultyFiles { FailWrites = true };
        using var store = TestStore.Open(files);

        var failed = Assert.Throws<LocalStoreFailedException>(() => store.Fill(2 << 20));

        Assert.Contains("injected write error", failed.Message, StringComparison.Ordinal);
        Assert.Throws<LocalStoreFailedException>(() => store.Read("filler-0"));
    }

    [Fact]
    public async Task Upsert_WhenAWriteOnAnotherThreadIsSlow_WaitsForThatWriteAlone()
    {
        using var started = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var files = new FaultyFiles
        {
            Before = () =>
            {
                started.Set();
                go.Wait();
            },
        };
        using var store = TestStore.Open(files, work => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false));
        store.Upsert("a", "1");
        store.Cut();
        started.Wait(TestContext.Current.CancellationToken);

        // Only the first page is at the writer: there is memory for more.
        store.Fill(500_000);
        var filling = Task.Run(() => store.Fill(1 << 20, "later"), TestContext.Current.CancellationToken);
        go.Set();
        await filling;

        Assert.Equal(["1", new string('x', 1000)], store.ReadAll("a", "later-1000000"));
    }

    [Fact]
    public void GrowIndex_WithManyKeys_KeepsSixteenBytesForEach()
    {
        const int keys = 15_000; // in memory
        using var store = TestStore.Open(new FaultyFiles(), sizes: LocalStoreSizes.Of(4 << 20, 32 << 20, 1));
        for (var i = 0; i < keys; i++)
        {
            store.Upsert($"key-{i}", $"value-{i}");
            if (i % 1000 == 0)
                store.GrowIndex();
        }

        store.GrowIndex();

        Assert.True(store.IndexBytes >= keys * LocalStoreSizes.IndexBytesPerKey, $"{store.IndexBytes} bytes");
        Assert.False(store.GrowIndex());
        Assert.All(Enumerable.Range(0, keys), i => Assert.Equal($"value-{i}", store.Read($"key-{i}")));
    }

    /// <summary>FASTER would give each row on disk an entry in both halves of a larger index.</summary>
    [Fact]
    public void GrowIndex_BeforeRowsGoToDisk_GrowsToItsFinalSizeOnce()
    {
        var files = new FaultyFiles();
        var sizes = LocalStoreSizes.Of(4 << 20, 32 << 20, 1);
        using var store = TestStore.Open(files, sizes: sizes);
        var (sizeBefore, bytesThen) = (0L, 0L);
        for (var i = 0; i < 100_000; i++)
        {
            store.Upsert($"key-{i}", $"value-{i}");
            if (i % 1000 != 0 || !store.GrowIndex())
                continue;
            (sizeBefore, bytesThen) = (store.IndexBytes, files.Bytes);
        }

        Assert.Equal(sizes.MaximumIndexBytes, sizeBefore);
        Assert.Equal(0, bytesThen);
        Assert.Equal("value-1", store.Read("key-1"));
    }

    [Fact]
    public void Upsert_WithPartOfTheDiskReserved_IsRefusedEarlierAndNamesTheOption()
    {
        using var store = TestStore.Open(new FaultyFiles(), sizes: TestStore.Deep);
        store.ReservedBytes = TestStore.Deep.DiskBytes / 2;

        var refusal = Assert.Throws<LocalStoreFullException>(() => store.Fill(TestStore.Deep.DiskBytes));
        Assert.InRange(store.LogBytes, TestStore.Deep.DiskBytes / 4, TestStore.Deep.DiskBytes / 2);
        Assert.Contains(nameof(FasterStateOptions.DiskBudget), refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"{store.ReservedBytes}", refusal.Message, StringComparison.Ordinal);

        store.ReservedBytes = 0;
        store.Fill(TestStore.Deep.DiskBytes / 4, "later");
        Assert.Equal(new string('x', 1000), store.Read("later-0"));
    }

    /// <summary>Two keys that share a bucket and a tag share a chain: looking for the one walks over every version of the other, on disk.</summary>
    [Fact]
    public void Read_BehindManyVersionsOfAnotherKey_NeedsNoStackForThem()
    {
        var (seldom, often) = KeysWithOneChain(TestStore.Deep.IndexBytes / 64);
        using var store = TestStore.Open(new FaultyFiles(), sizes: TestStore.Deep);
        store.Upsert(seldom, "1");
        for (var i = 0; i < 50_000; i++)
        {
            store.Upsert(often, "2");
            store.Cut();
        }

        store.Fill(MemoryAndMore);

        Assert.Equal(["1", "2"], store.ReadAll(seldom, often));
    }

    [Fact]
    public void Keys_TooLongOrEmpty_AreRefused()
    {
        using var store = TestStore.Open(new FaultyFiles());
        var longest = new string('k', RowLayout.MaximumKey(TestStore.Smallest.PageBytes));
        store.Upsert(longest, new string('v', 100_000));

        Assert.Equal(100_000, store.Read(longest).Length);
        Assert.Contains("1 to 8192", Assert.Throws<StreamKitException>(() => store.Upsert(longest + "k", "")).Message, StringComparison.Ordinal);
        Assert.Throws<StreamKitException>(() => store.Delete(""));
    }

    [Fact]
    public void Committed_OfACutNeverMade_IsRefused()
    {
        using var store = TestStore.Open(new FaultyFiles());
        store.Cut();

        Assert.Throws<ArgumentOutOfRangeException>(() => store.Committed(new LocalCut(2, 1 << 20)));
    }

    [Fact]
    public void Dispose_WithWritesWaiting_ForgetsThemAndTheFiles()
    {
        var files = new FaultyFiles();
        var scheduled = new List<IThreadPoolWorkItem>();
        var store = TestStore.Open(files, scheduled.Add);
        store.Fill(500_000);
        store.Cut();

        store.Dispose();
        scheduled.ForEach(work => work.Execute());

        Assert.Equal(0, files.Bytes);
        Assert.True(files.Disposed);
        Assert.Throws<ObjectDisposedException>(() => store.Read("a"));
    }

    private static (string First, string Second) KeysWithOneChain(long buckets)
    {
        var seen = new Dictionary<(long, long), string>();
        for (var i = 0; ; i++)
        {
            var key = $"key-{i}";
            var hash = HashOf([.. TestStore.Bytes(key), RowLayout.RowKey]);
            var chain = (hash & (buckets - 1), (long)((ulong)hash >> 50)); // the tag is the upper 14 bits
            if (!seen.TryAdd(chain, key))
                return (seen[chain], key);
        }
    }

    private static unsafe long HashOf(byte[] bytes)
    {
        fixed (byte* start = bytes)
        {
            var key = SpanByte.FromPointer(start, bytes.Length);
            return default(SpanByteComparer).GetHashCode64(ref key);
        }
    }
}
