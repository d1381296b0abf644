using StreamKit.Checkpoints;
using StreamKit.Runtime;
using StreamKit.State;
using StreamKit.Tests.State.Segments;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.State.Home;

public class HomeTierTests
{
    private static readonly KeyGroupRange s_all = SegmentFixture.AllKeyGroups;

    private readonly SimulatedExecutor _executor = new(1, DateTimeOffset.UnixEpoch);
    private readonly InMemoryCheckpointStore _store = new();
    private readonly BlockCache _cache = new(1_000_000);
    private readonly List<string> _requests = [];
    private int _open;
    private int _mostOpen;

    public HomeTierTests()
    {
        _store.Before = async (call, name) =>
        {
            if (call == StoreCall.OpenRead)
            {
                _requests.Add(name);
                _mostOpen = Math.Max(_mostOpen, ++_open);
                await Task.Delay(TimeSpan.FromMilliseconds(10), _executor.Time);
                _open--;
            }
        };
    }

    [Fact]
    public async Task Read_EverythingInMemory_CompletesAtOnceWithoutAllocating()
    {
        var tier = new HomeTier(_executor.Run, parallelism: 4);
        (byte[] old, _) = await SegmentFixture.WriteAsync(Rows(0, 1000, 1));
        (byte[] young, _) = await SegmentFixture.WriteAsync([.. Rows(0, 10, 2), Tombstone(10)]);
        tier.Swap([await MountAsync(new MemorySegmentSource("old", old)), await MountAsync(new MemorySegmentSource("young", young), generation: 1)]);
        var batch = new HomeReadBatch([1, 2]);
        long allocated = long.MaxValue;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            batch.Clear();
            for (int i = 0; i < 500; i++)
            {
                batch.Add(0, Key(i * 3));
            }

            ValueTask read = tier.ReadAsync(batch, default);
            Assert.True(read.IsCompletedSuccessfully);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before - KeyBytes;
        }

        Assert.InRange(allocated, 0, 64);
        Assert.Equal(["1:02@1", "1:02@1", "1:02@1", "1:02@1", "1:01@0"], Enumerable.Range(0, 5).Select(i => TextOf(batch, i)));
        Assert.Equal("", TextOf(batch, 499));
    }

    [Fact]
    public async Task Read_TombstoneInMemory_IsNoRowAndNeedsNoOlderBlock()
    {
        var tier = new HomeTier(_executor.Run, parallelism: 4);
        (byte[] young, _) = await SegmentFixture.WriteAsync([Tombstone(5)]);
        _executor.RunUntilComplete(async () => tier.Swap([await StoreAsync("data/old", Rows(0, 100, 1)), await MountAsync(new MemorySegmentSource("young", young))]));
        _requests.Clear();
        var batch = new HomeReadBatch([1]);
        batch.Add(0, Key(5));

        ValueTask read = tier.ReadAsync(batch, default);

        Assert.True(read.IsCompletedSuccessfully);
        Assert.Equal("", TextOf(batch, 0));
        Assert.Empty(_requests);
    }

    [Fact]
    public void Read_ManyKeys_AsksForEachBlockOnceAndForSeveralAtATime()
    {
        var tier = new HomeTier(_executor.Run, parallelism: 4);
        HomeReadBatch[] batches = [new([1]), new([1])];
        _executor.RunUntilComplete(async () =>
        {
            tier.Swap([await StoreAsync("data/a", Rows(0, 400, 1), targetBlockLength: 200)]);
            _requests.Clear();
            _mostOpen = 0;
            DateTimeOffset start = _executor.Time.GetUtcNow();
            Task[] reads = [.. batches.Select(batch => Fill(batch, 400)).Select(batch => _executor.Run(() => tier.ReadAsync(batch, default).AsTask()))];
            foreach (Task read in reads)
            {
                await read;
            }

            int blocks = tier.View[0].Segment.Info.Rows is 400 ? tier.View[0].Segment.Reader.Blocks : 0;
            Assert.InRange(blocks, 10, 100);
            Assert.Equal(blocks, _requests.Count);
            Assert.InRange(_mostOpen, 4, 8);
            Assert.InRange((_executor.Time.GetUtcNow() - start).TotalMilliseconds, blocks * 10 / 8, (blocks * 10 / 4) + 20);
        });

        Assert.All(batches, batch => Assert.All(Enumerable.Range(0, 400), i => Assert.Equal("1:01@0", TextOf(batch, i))));
    }

    [Fact]
    public void Read_AbsentKeys_AreKnownByTheFiltersAlone()
    {
        var tier = new HomeTier(_executor.Run, parallelism: 4);
        var batch = new HomeReadBatch([1]);
        _executor.RunUntilComplete(async () =>
        {
            tier.Swap([await StoreAsync("data/a", Rows(0, 1000, 1), targetBlockLength: 1000)]);
            _requests.Clear();
            for (int i = 0; i < 1000; i++)
            {
                batch.Add(0, [.. Key(i), 7]);
            }

            await tier.ReadAsync(batch, default);
        });

        Assert.InRange(_requests.Count, 0, 25);
        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal("", TextOf(batch, i)));
    }

    [Fact]
    public void Read_ObjectIsGone_IsDamageThatNamesIt()
    {
        var tier = new HomeTier(_executor.Run, parallelism: 4);
        bool wasAsked = false;
        tier.Refresh = _ =>
        {
            wasAsked = true;
            return default;
        };
        HomeReadBatch batch = Fill(new HomeReadBatch([1]), 1);

        var damage = Assert.Throws<CheckpointDamagedException>(() => _executor.RunUntilComplete(async () =>
        {
            tier.Swap([await StoreAsync("data/a", Rows(0, 10, 1))]);
            await _store.DeleteAsync(["data/a"], default);
            await tier.ReadAsync(batch, default);
        }));

        Assert.Equal("data/a", damage.ObjectName);
        Assert.True(wasAsked);
    }

    [Fact]
    public void Read_ObjectIsGoneAndTheViewIsLate_GoesOnWithTheViewOfARefresh()
    {
        var tier = new HomeTier(_executor.Run, parallelism: 4);
        HomeReadBatch batch = Fill(new HomeReadBatch([1]), 10);
        _executor.RunUntilComplete(async () =>
        {
            tier.Swap([await StoreAsync("data/a", Rows(0, 10, 1))]);
            tier.Refresh = async _ => tier.Swap([await StoreAsync("data/b", Rows(0, 10, 1))]);
            await _store.DeleteAsync(["data/a"], default);
            await tier.ReadAsync(batch, default);
        });

        Assert.All(Enumerable.Range(0, 10), i => Assert.Equal("1:01@0", TextOf(batch, i)));
    }

    [Fact]
    public void Read_DamagedBlock_NamesObjectAndBlock()
    {
        var tier = new HomeTier(_executor.Run, parallelism: 4);
        HomeReadBatch batch = Fill(new HomeReadBatch([1]), 10);

        var damage = Assert.Throws<CheckpointDamagedException>(() => _executor.RunUntilComplete(async () =>
        {
            tier.Swap([await StoreAsync("data/a", Rows(0, 10, 1))]);
            _store.Damage("data/a", bytes =>
            {
                bytes[9] ^= 1;
                return bytes;
            });
            await tier.ReadAsync(batch, default);
        }));

        Assert.Equal(("data/a", "block 0"), (damage.ObjectName, damage.Part));
    }

    [Fact]
    public void Read_BlockThatAnotherReaderGivesUp_IsReadAgain()
    {
        var tier = new HomeTier(_executor.Run, parallelism: 4);
        HomeReadBatch batch = Fill(new HomeReadBatch([1]), 1);
        HomeReadBatch other = Fill(new HomeReadBatch([1]), 1);
        _executor.RunUntilComplete(async () =>
        {
            tier.Swap([await StoreAsync("data/a", Rows(0, 10, 1))]);
            Func<StoreCall, string, ValueTask> usual = _store.Before!;
            _store.Before = async (call, name) =>
            {
                await usual(call, name);
                _store.Before = usual;
                throw new StreamKitException("The store is away.");
            };
            Task[] reads = [_executor.Run(() => tier.ReadAsync(batch, default).AsTask()), _executor.Run(() => tier.ReadAsync(other, default).AsTask())];
            var found = new List<string>();
            for (int i = 0; i < 2; i++)
            {
                try
                {
                    await reads[i];
                    found.Add(TextOf(i == 0 ? batch : other, 0));
                }
                catch (StreamKitException cause)
                {
                    found.Add(cause.Message);
                }
            }

            Assert.Equal(["1:01@0", "The store is away."], found.Order());
        });
    }

    [Fact]
    public async Task Read_ValueWhereATombstoneHidWhatIsBelow_IsRefused()
    {
        var tier = new HomeTier(_executor.Run, parallelism: 4);
        TestRow[][] segments = [[Row("0101", 1)], [Row("01", null)], [Row("01", 2)]];
        var view = new List<MountedSegment>();
        foreach (TestRow[] rows in segments)
        {
            view.Add(await MountAsync(new MemorySegmentSource("segment", (await SegmentFixture.WriteAsync(rows)).Bytes)));
        }

        tier.Swap(view);
        var batch = new HomeReadBatch([1]);
        batch.Add(0, [1]);

        var error = await Assert.ThrowsAsync<StreamKitException>(() => tier.ReadAsync(batch, default).AsTask());

        Assert.Contains("State 1 has a row at sub-key 01 and another one below it, at 0101", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SmallSegment_IsOneRequest()
    {
        _executor.RunUntilComplete(async () => await StoreAsync("data/a", Rows(0, 100, 1)));

        Assert.Single(_requests);
    }

    [Fact]
    public void Open_LargeSegment_IsTwoRequests()
    {
        _executor.RunUntilComplete(async () =>
        {
            MountedSegment mounted = await StoreAsync("data/a", Rows(0, 60_000, 1), targetBlockLength: 500);
            Assert.Equal(60_000, mounted.Segment.Info.Rows);
        });

        Assert.Equal(2, _requests.Count);
    }

    // What the keys of a round take: each is an array of four bytes.
    private static long KeyBytes => 500 * 32;

    private static byte[] Key(int i) => [(byte)(i >> 16), (byte)(i >> 8), (byte)i];

    private static TestRow[] Rows(int first, int count, byte value) => [.. Enumerable.Range(first, count).Select(i => new TestRow(0, 1, Key(i), [], [value]))];

    private static TestRow Tombstone(int key) => new(0, 1, Key(key), [], null);

    private static TestRow Row(string subKey, byte? value) => new(0, 1, [1], Convert.FromHexString(subKey), value is { } known ? [known] : null);

    private static HomeReadBatch Fill(HomeReadBatch batch, int keys)
    {
        for (int i = 0; i < keys; i++)
        {
            batch.Add(0, Key(i));
        }

        return batch;
    }

    private static string TextOf(HomeReadBatch batch, int key)
    {
        string text = "";
        foreach (HomeRow row in batch.Rows(key))
        {
            text += $"{row.StateId}:{Convert.ToHexString(row.SubKey)}{Convert.ToHexString(row.Value)}@{row.SchemaGeneration}";
        }

        return text;
    }

    private async Task<MountedSegment> StoreAsync(string name, TestRow[] rows, int targetBlockLength = SegmentFormat.TargetBlockLength)
    {
        (byte[] bytes, SegmentInfo info) = await SegmentFixture.WriteAsync(rows, targetBlockLength);
        await _store.PutAsync(name, System.IO.Pipelines.PipeReader.Create(new MemoryStream(bytes)), default);
        var reference = new SegmentReference { ObjectName = name, Length = bytes.Length, KeyGroups = s_all, Sequence = 1, Checksum = info.Checksum };
        return await MountAsync(StoredSegmentSource.Of(_store, reference));
    }

    private async Task<MountedSegment> MountAsync(SegmentSource source, int generation = 0) =>
        new(await HomeSegment.OpenAsync(source, expectedChecksum: null, _cache, default), s_all, generation);
}
