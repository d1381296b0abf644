using StreamKit.State;

namespace StreamKit.Tests.State.Segments;

public class RowSampleTests
{
    private const int Keys = 20_000;

    /// <summary>Ten times as many rows as a sample holds: what is written again, added and deleted is known to a few percent of it.</summary>
    [Theory]
    [InlineData(8_000, 0, 0)]
    [InlineData(0, 8_000, 0)]
    [InlineData(0, 0, 8_000)]
    [InlineData(4_000, 4_000, 4_000)]
    [InlineData(100, 9_000, 3_000)]
    public void AddedBy_UpdatesNewKeysAndDeletions_IsAbout(int updated, int added, int deleted)
    {
        RowSample oldest = Sample(Enumerable.Range(0, Keys), length: 100);
        RowSample younger = Sample(Enumerable.Range(0, updated).Concat(Enumerable.Range(Keys, added)), length: 100);
        RowSample youngest = Sample(Enumerable.Range(Keys - deleted, deleted), length: 30, isTombstone: true);

        double result = RowSample.AddedBy([oldest, younger, youngest]);

        double error = updated > 0 ? 0.05 * 100 * added : 0.001;
        Assert.InRange(result, (100 * (added - deleted)) - error, (100 * (added - deleted)) + error);
    }

    [Fact]
    public void AddedBy_KeysThatAreDeletedAndComeBack_CountsThemOnce()
    {
        RowSample oldest = Sample(Enumerable.Range(0, 100), length: 10);
        RowSample deletions = Sample(Enumerable.Range(0, 100), length: 5, isTombstone: true);
        RowSample again = Sample(Enumerable.Range(0, 50), length: 20);

        Assert.Equal(0, RowSample.AddedBy([oldest]));
        Assert.Equal(-1_000, RowSample.AddedBy([oldest, deletions]));
        Assert.Equal(0, RowSample.AddedBy([oldest, deletions, again]));
        Assert.Equal(-1_000, RowSample.AddedBy([oldest, deletions, deletions, deletions]), 0.001);
    }

    /// <summary>What hides rows at sub-keys may not be in the sample, so they would live for ever.</summary>
    [Fact]
    public async Task Segment_RowsAtSubKeys_AreNotInItsSample()
    {
        (_, SegmentInfo info) = await SegmentFixture.WriteAsync(
        [
            new TestRow(0, 1, [1], [], null),
            new TestRow(0, 1, [1], [7], new byte[500]),
            new TestRow(0, 1, [2], [], new byte[10]),
        ]);

        Assert.Equal(1, info.Sample!.Tombstones);
        Assert.InRange(info.Sample.LivingLength, 11, 20);
    }

    private static RowSample Sample(IEnumerable<int> keys, int length, bool isTombstone = false)
    {
        var sample = new RowSample();
        foreach (int key in keys)
        {
            sample.Add(BlockFilter.Hash(1, BitConverter.GetBytes(key)), length, isTombstone);
        }

        return sample;
    }
}
