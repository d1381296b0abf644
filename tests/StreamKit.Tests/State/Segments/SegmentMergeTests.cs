using StreamKit.State;

namespace StreamKit.Tests.State.Segments;

public class SegmentMergeTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Merge_RandomSegmentsAndClips_EqualsADictionaryFilledInAgeOrder(int seed)
    {
        var random = new Random(seed);
        var oracle = new SortedDictionary<string, TestRow>(StringComparer.Ordinal);
        var segments = new List<(SegmentReader, KeyGroupRange)>();
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            List<TestRow> rows = SegmentFixture.RandomRows(random, random.Next(0, 400), keyGroups: 4);
            int first = random.Next(0, 3);
            var clip = new KeyGroupRange(first, random.Next(first - 1, 5));
            segments.Add((await SegmentFixture.WriteAndOpenAsync(rows, random.Next(1, 400)), clip));
            foreach (TestRow row in rows.Where(r => clip.Contains(r.KeyGroup)))
            {
                oracle[(row with { Value = null }).Text] = row;
            }
        }

        List<TestRow> all = await MergeAsync(segments, keepsTombstones: true);
        List<TestRow> living = await MergeAsync(segments, keepsTombstones: false);

        List<TestRow> expected = [.. oracle.Values.Order()];
        Assert.Equal(expected.Select(r => r.Text), all.Select(r => r.Text));
        Assert.Equal(expected.Where(r => r.Value is not null).Select(r => r.Text), living.Select(r => r.Text));
    }

    [Fact]
    public async Task Merge_TombstoneInTheNewerSegment_HidesTheOlderRow()
    {
        SegmentReader old = await SegmentFixture.WriteAndOpenAsync([new TestRow(0, 1, [1], [], [1]), new TestRow(0, 1, [2], [], [2])]);
        SegmentReader young = await SegmentFixture.WriteAndOpenAsync([new TestRow(0, 1, [1], [], null)]);

        List<TestRow> youngLast = await MergeAsync([(old, SegmentFixture.AllKeyGroups), (young, SegmentFixture.AllKeyGroups)], keepsTombstones: false);
        List<TestRow> oldLast = await MergeAsync([(young, SegmentFixture.AllKeyGroups), (old, SegmentFixture.AllKeyGroups)], keepsTombstones: false);

        Assert.Equal(["0/1/02/=02"], youngLast.Select(r => r.Text));
        Assert.Equal(["0/1/01/=01", "0/1/02/=02"], oldLast.Select(r => r.Text));
    }

    [Fact]
    public async Task Merge_ClippedSegment_DoesNotBringBackWhatLiesOutsideItsClip()
    {
        SegmentReader old = await SegmentFixture.WriteAndOpenAsync([new TestRow(0, 1, [1], [], [1]), new TestRow(1, 1, [1], [], [1])]);

        List<TestRow> rows = await MergeAsync([(old, new KeyGroupRange(1, 1))], keepsTombstones: false);

        Assert.Equal(["1/1/01/=01"], rows.Select(r => r.Text));
    }

    private static async Task<List<TestRow>> MergeAsync(IReadOnlyList<(SegmentReader, KeyGroupRange)> segments, bool keepsTombstones)
    {
        var rows = new List<TestRow>();
        using var merge = new SegmentMerge(segments, keepsTombstones);
        while (await merge.MoveNextAsync(default))
        {
            rows.Add(SegmentFixture.ToTestRow(merge.Current));
        }

        return rows;
    }
}
