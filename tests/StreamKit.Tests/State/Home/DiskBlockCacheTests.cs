using Microsoft.Extensions.Logging.Abstractions;
using StreamKit.Checkpoints;
using StreamKit.State;
using StreamKit.Tests.State.Segments;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.State.Home;

public sealed class DiskBlockCacheTests : IDisposable
{
    private const int Blocks = 40;
    private static readonly Guid s_job = new("00112233-4455-6677-8899-aabbccddeeff");

    private readonly TemporaryFolder _folder = new();
    private readonly InMemoryCheckpointStore _store = new();
    private int _requests;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Read_AfterARestart_AsksTheDiskAndNotTheStore()
    {
        using (DiskBlockCache disk = Open())
        {
            await ReadAllAsync(await SegmentAsync(disk));
        }

        using DiskBlockCache again = Open();
        HomeSegment segment = await SegmentAsync(again);
        _requests = 0;
        await ReadAllAsync(segment);

        Assert.Equal(0, _requests);
        Assert.Equal(Blocks, again.Count);
    }

    [Fact]
    public async Task Read_BlockDamagedOnDisk_IsReadFromTheStoreAndWrittenAnew()
    {
        using DiskBlockCache disk = Open();
        await ReadAllAsync(await SegmentAsync(disk));
        Flip(Assert.Single(ChunksIn(disk.Folder)), 5000);
        HomeSegment segment = await SegmentAsync(disk);
        _requests = 0;

        await ReadAllAsync(segment);
        int first = _requests;
        segment = await SegmentAsync(disk);
        _requests = 0;
        await ReadAllAsync(segment);

        Assert.Equal((1, 0), (first, _requests));
    }

    /// <summary>What a kill leaves: the files as they are at any moment, cut off anywhere and with holes.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Open_WhateverAKillLeft_GivesNoWrongBlock(int firstSeed)
    {
        for (int seed = firstSeed * 1000; seed < (firstSeed * 1000) + 60; seed++)
        {
            var random = new Random(seed);
            var job = new Guid(seed, 0, 0, new byte[8]);
            using DiskBlockCache killed = Open(capacity: random.Next(4) == 0 ? 70_000 : 1_000_000, job: job);
            await ReadAllAsync(await SegmentAsync(killed), random.Next(1, Blocks));
            string left = Path.Combine(_folder.Path, "left-" + seed);
            string own = Path.Combine(left, Path.GetFileName(killed.Folder));
            Directory.CreateDirectory(own);
            foreach (string file in ChunksIn(killed.Folder))
            {
                byte[] bytes = File.ReadAllBytes(file);
                bytes = random.Next(2) == 0 ? bytes[..random.Next(bytes.Length + 1)] : bytes;
                for (int i = random.Next(4); i > 0 && bytes.Length > 0; i--)
                {
                    bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
                }

                if (random.Next(3) == 0 && bytes.Length > 4096)
                {
                    bytes.AsSpan(random.Next(bytes.Length - 4096), 4096).Clear();
                }

                File.WriteAllBytes(Path.Combine(own, Path.GetFileName(file)), bytes);
            }

            using DiskBlockCache disk = DiskBlockCache.Open(left, job, 1_000_000, NullLogger.Instance);
            for (int round = 0; round < 2; round++)
            {
                HomeSegment segment = await SegmentAsync(disk);
                _requests = 0;
                await ReadAllAsync(segment);
            }

            Assert.Equal(0, _requests);
        }
    }

    [Fact]
    public async Task Write_BeyondTheCapacity_DropsTheOldest()
    {
        using DiskBlockCache disk = Open(capacity: 200_000);
        HomeSegment segment = await SegmentAsync(disk, length: 20_000);
        for (int block = 0; block < Blocks; block++)
        {
            await segment.ReadAsync(block, default);

            Assert.InRange(disk.Size, 1, 200_000);
            Assert.InRange(ChunksIn(disk.Folder).Sum(file => new FileInfo(file).Length), 1, 200_000);
        }

        Assert.InRange(disk.Count, 6, 10);
        segment = await SegmentAsync(disk, length: 20_000);
        _requests = 0;
        await segment.ReadAsync(Blocks - 1, default);
        Assert.Equal(0, _requests);
        await segment.ReadAsync(0, default);
        Assert.Equal(1, _requests);
    }

    [Fact]
    public async Task Open_WithLessCapacityThanWasUsed_DropsTheOldest()
    {
        using (DiskBlockCache disk = Open(capacity: 10_000_000))
        {
            await ReadAllAsync(await SegmentAsync(disk, length: 60_000));
        }

        using DiskBlockCache smaller = Open(capacity: 1_300_000);

        Assert.InRange(smaller.Size, 1, 1_300_000);
        Assert.InRange(smaller.Count, 1, Blocks - 1);
    }

    [Fact]
    public async Task Open_WhileAnotherProcessOwnsTheFolder_TakesAnotherOne()
    {
        using DiskBlockCache first = Open();
        await ReadAllAsync(await SegmentAsync(first));
        string other;
        using (DiskBlockCache second = Open())
        {
            other = second.Folder;
            Assert.NotEqual(first.Folder, second.Folder);
            Assert.Equal(0, second.Count);
            await ReadAllAsync(await SegmentAsync(second));
        }

        first.Dispose();
        using DiskBlockCache again = Open();

        Assert.Equal(first.Folder, again.Folder);
        Assert.Equal(Blocks, again.Count);
        Assert.Empty(ChunksIn(other));
    }

    [Fact]
    public async Task Read_SegmentOfTheSameNameWithOtherContent_IsNotMixedUp()
    {
        using DiskBlockCache disk = Open();
        await ReadAllAsync(await SegmentAsync(disk, value: 1));
        HomeSegment other = await SegmentAsync(disk, value: 2);
        _requests = 0;

        await ReadAllAsync(other, value: 2);

        Assert.Equal(Blocks, _requests);
    }

    [Fact]
    public async Task Write_DiskTakesNoMore_ReadsFromTheStore()
    {
        using DiskBlockCache disk = Open(capacity: 10_000_000);
        HomeSegment segment = await SegmentAsync(disk, length: 60_000);
        await segment.ReadAsync(0, default);
        // A folder in the place of the next chunk.
        for (int number = 1; number < 10; number++)
        {
            Directory.CreateDirectory(Path.Combine(disk.Folder, $"{number:D12}.blocks"));
        }

        await ReadAllAsync(segment);

        Assert.InRange(disk.Count, 1, Blocks - 1);
    }

    private static string[] ChunksIn(string folder) => [.. Directory.EnumerateFiles(folder, "*.blocks").Order(StringComparer.Ordinal)];

    private static void Flip(string file, int at)
    {
        byte[] bytes = File.ReadAllBytes(file);
        bytes[at] ^= 1;
        using FileStream stream = new(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        stream.Write(bytes);
    }

    private static async Task ReadAllAsync(HomeSegment segment, int blocks = Blocks, byte value = 1)
    {
        for (int i = 0; i < blocks; i++)
        {
            HomeBlock block = await segment.ReadAsync(i, default);
            int position = 0;
            Assert.True(block.TryRead(ref position, out SegmentRow row));
            Assert.Equal(((byte)i, value), (row.Key[0], row.Value[0]));
        }
    }

    private DiskBlockCache Open(long capacity = 1_000_000, Guid? job = null) => DiskBlockCache.Open(_folder.Path, job ?? s_job, capacity, NullLogger.Instance);

    /// <summary>Mounts a segment of one row per block, with no memory cache to speak of.</summary>
    private async Task<HomeSegment> SegmentAsync(DiskBlockCache disk, int length = 1000, byte value = 1)
    {
        TestRow[] rows = [.. Enumerable.Range(0, Blocks).Select(i => new TestRow(0, 1, [(byte)i], [], [value, .. new byte[length]]))];
        (byte[] bytes, SegmentInfo info) = await SegmentFixture.WriteAsync(rows, targetBlockLength: 1);
        await _store.PutAsync("data/a", System.IO.Pipelines.PipeReader.Create(new MemoryStream(bytes)), default);
        _store.After = (call, _) => _requests += call == StoreCall.OpenRead ? 1 : 0;
        var reference = new SegmentReference { ObjectName = "data/a", Length = bytes.Length, KeyGroups = SegmentFixture.AllKeyGroups, Sequence = 1, Checksum = info.Checksum };
        return await HomeSegment.OpenAsync(StoredSegmentSource.Of(_store, reference), info.Checksum, new BlockCache(0, disk), default);
    }
}
