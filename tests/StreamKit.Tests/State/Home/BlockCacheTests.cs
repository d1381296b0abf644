using StreamKit.Checkpoints;
using StreamKit.State;
using StreamKit.Tests.State.Segments;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.State.Home;

public class BlockCacheTests
{
    private readonly InMemoryCheckpointStore _store = new();

    [Fact]
    public async Task Add_BeyondTheCapacity_DropsBlocksUntilItFits()
    {
        var cache = new BlockCache(10_000);
        HomeSegment segment = await SegmentAsync(cache);
        for (int block = 0; block < segment.Reader.Blocks; block++)
        {
            await segment.ReadAsync(block, default);
            Assert.InRange(cache.Size, 1, 10_000);
        }

        int atHand = Enumerable.Range(0, segment.Reader.Blocks).Count(block => segment.AtHand(block) is not null);
        Assert.InRange(segment.Reader.Blocks, 50, 100);
        Assert.InRange(atHand, 5, 15);
    }

    [Fact]
    public async Task Add_BlockInUse_StaysAndOthersGo()
    {
        var cache = new BlockCache(10_000);
        HomeSegment segment = await SegmentAsync(cache);
        HomeBlock used = await segment.ReadAsync(0, default);
        for (int block = 1; block < segment.Reader.Blocks; block++)
        {
            await segment.ReadAsync(block, default);

            Assert.Same(used, segment.AtHand(0));
        }
    }

    [Fact]
    public async Task Add_NoCapacity_KeepsTheLastBlockOnly()
    {
        var cache = new BlockCache(0);
        HomeSegment segment = await SegmentAsync(cache);
        await segment.ReadAsync(3, default);
        await segment.ReadAsync(4, default);

        Assert.Null(segment.AtHand(3));
        Assert.NotNull(segment.AtHand(4));
    }

    [Fact]
    public async Task Size_OfAllBlocks_IsWhatTheyTake()
    {
        var cache = new BlockCache(long.MaxValue);
        HomeSegment segment = await SegmentAsync(cache);
        long bytes = 0;
        for (int block = 0; block < segment.Reader.Blocks; block++)
        {
            await segment.ReadAsync(block, default);
            bytes += segment.Reader.LengthOf(block);
        }

        Assert.InRange(cache.Size, bytes, bytes + (segment.Reader.Blocks * 400));
    }

    private async Task<HomeSegment> SegmentAsync(BlockCache cache)
    {
        TestRow[] rows = [.. Enumerable.Range(0, 256).Select(i => new TestRow(0, 1, [(byte)i], [], new byte[200]))];
        (byte[] bytes, SegmentInfo info) = await SegmentFixture.WriteAsync(rows, targetBlockLength: 800);
        await _store.PutAsync("data/a", System.IO.Pipelines.PipeReader.Create(new MemoryStream(bytes)), default);
        var reference = new SegmentReference { ObjectName = "data/a", Length = bytes.Length, KeyGroups = SegmentFixture.AllKeyGroups, Sequence = 1, Checksum = info.Checksum };
        return await HomeSegment.OpenAsync(StoredSegmentSource.Of(_store, reference), info.Checksum, cache, default);
    }
}
