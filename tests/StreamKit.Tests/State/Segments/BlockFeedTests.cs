using StreamKit.Runtime;
using StreamKit.State;

namespace StreamKit.Tests.State.Segments;

public class BlockFeedTests
{
    private readonly SimulatedExecutor _executor = new(1, DateTimeOffset.UnixEpoch);
    private readonly List<(long Offset, int Length)> _requests = [];
    private int _open;
    private int _mostOpen;

    [Fact]
    public void Next_ManyBlocks_AsksOncePerMegabyte()
    {
        _executor.RunUntilComplete(async () =>
        {
            SegmentReader segment = await SegmentAsync(50);
            var feed = new BlockFeed(segment, [.. Enumerable.Range(0, segment.Blocks)], run: null);

            Assert.Equal(Enumerable.Range(0, segment.Blocks), await ReadAsync(feed));
            Assert.InRange(_requests.Count, 4, 5);
            Assert.Equal(1, _mostOpen);
        });
    }

    [Fact]
    public void Next_BlocksHereAndThere_AsksForThemAlone()
    {
        _executor.RunUntilComplete(async () =>
        {
            SegmentReader segment = await SegmentAsync(50);
            var feed = new BlockFeed(segment, [3, 4, 5, 20, 48], run: null);

            Assert.Equal([3, 4, 5, 20, 48], await ReadAsync(feed));
            Assert.Equal([(segment.OffsetOf(3), 3 * segment.LengthOf(3)), (segment.OffsetOf(20), segment.LengthOf(20)), (segment.OffsetOf(48), segment.LengthOf(48))], _requests);
        });
    }

    [Fact]
    public void Next_WithSomethingToRunOn_AsksAhead()
    {
        _executor.RunUntilComplete(async () =>
        {
            SegmentReader segment = await SegmentAsync(200);
            DateTimeOffset start = _executor.Time.GetUtcNow();
            var feed = new BlockFeed(segment, [.. Enumerable.Range(0, segment.Blocks)], _executor.Run);

            Assert.Equal(Enumerable.Range(0, segment.Blocks), await ReadAsync(feed));
            Assert.InRange(_mostOpen, 3, 4);
            Assert.InRange((_executor.Time.GetUtcNow() - start).TotalMilliseconds, 10, _requests.Count * 10 / 2);
        });
    }

    [Fact]
    public void Stop_WhileRequestsAreUnderWay_ReturnsBehindThem()
    {
        _executor.RunUntilComplete(async () =>
        {
            SegmentReader segment = await SegmentAsync(200);
            var feed = new BlockFeed(segment, [.. Enumerable.Range(0, segment.Blocks)], _executor.Run);
            (await feed.NextAsync(default))!.Dispose();

            await feed.StopAsync();

            Assert.Equal(0, _open);
            Assert.InRange(_requests.Count, 1, 4);
        });
    }

    private static async Task<List<int>> ReadAsync(BlockFeed feed)
    {
        var read = new List<int>();
        while (await feed.NextAsync(default) is { } block)
        {
            using (block)
            {
                int position = 0;
                Assert.True(block.TryRead(ref position, out SegmentRow row));
                Assert.Equal(block.Index, row.Key[0]);
                read.Add(block.Index);
            }
        }

        return read;
    }

    /// <summary>A segment with one row per block of about 90 KB.</summary>
    private async Task<SegmentReader> SegmentAsync(int blocks)
    {
        (byte[] bytes, _) = await SegmentFixture.WriteAsync(Enumerable.Range(0, blocks).Select(i => new TestRow(0, 1, [(byte)i], [], new byte[90_000])));
        SegmentReader segment = await SegmentReader.OpenAsync(new SlowSource(this, bytes), null, default);
        _requests.Clear();
        return segment;
    }

    private sealed class SlowSource(BlockFeedTests test, byte[] bytes) : SegmentSource
    {
        public override string Name => "slow";

        public override long Length => bytes.Length;

        public override async ValueTask ReadAsync(long offset, Memory<byte> into, CancellationToken cancellationToken)
        {
            test._requests.Add((offset, into.Length));
            test._mostOpen = Math.Max(test._mostOpen, ++test._open);
            await Task.Delay(TimeSpan.FromMilliseconds(10), test._executor.Time, cancellationToken);
            bytes.AsMemory((int)offset, into.Length).CopyTo(into);
            test._open--;
        }
    }
}
