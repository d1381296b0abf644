namespace StreamKit.State.Faster.Tests;

public class LocalStoreSizesTests
{
    [Theory]
    [InlineData(0, 0, 1, 64, 64, 1024, 64, 128, 2048)]
    [InlineData(0, 0, 1000, 64, 64, 1024, 64, 128, 2048)]
    [InlineData(256, 64 << 10, 8, 64, 16384, 16384, 1024, 524288, 8388608)]
    [InlineData(4096, 1 << 20, 2, 64, 1048576, 1048576, 4096, 1048576, 536870912)]
    [InlineData(100, 50, 10, 64, 8192, 4096, 256, 512, 8192)]
    public void Of_BudgetsOfAJob_DividesThem(long memoryMB, long diskMB, int stores, long index, long maximumIndex, long log, long page, long segment, long disk)
    {
        var sizes = LocalStoreSizes.Of(memoryMB << 20, diskMB << 20, stores);

        // All in KB.
        Assert.Equal((index, maximumIndex, log, page, segment, disk),
            (sizes.IndexBytes >> 10, sizes.MaximumIndexBytes >> 10, sizes.LogBytes >> 10, (long)sizes.PageBytes >> 10, sizes.SegmentBytes >> 10, sizes.DiskBytes >> 10));
    }

    [Fact]
    public void Of_AnyBudget_IsWhatAStoreCanWorkWithAndNoMore()
    {
        for (long memory = 1 << 20; memory < 1L << 40; memory = memory * 3 / 2)
        {
            var sizes = LocalStoreSizes.Of(memory, memory * 7, 1);

            Assert.True(sizes.LogBytes + (sizes.MaximumIndexBytes / 2) <= Math.Max(memory, (1 << 20) + (64 << 10)));
            Assert.True(sizes.DiskBytes >= 2 * sizes.LogBytes);
            Assert.True(sizes.SegmentBytes >= sizes.PageBytes && sizes.SegmentBytes <= sizes.DiskBytes / 4);
            Assert.True(RowLayout.RecordBytes(RowLayout.MaximumKey(sizes.PageBytes) + RowLayout.ChunkSuffixBytes, RowLayout.MaximumPart(sizes.PageBytes)) <= sizes.PageBytes / 4);
        }
    }
}
