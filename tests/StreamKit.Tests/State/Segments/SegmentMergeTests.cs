using StreamKit.State;

namespace StreamKit.Tests.State.Segments;

public class SegmentMergeTests
{
    private const int SeedsPerTest = 250;

    private static readonly KeyGroupRange s_all = SegmentFixture.AllKeyGroups;

    public static TheoryData<int> FirstSeeds => [.. Enumerable.Range(0, 20).Select(i => 1 + (i * SeedsPerTest))];

    [Theory]
    [MemberData(nameof(FirstSeeds))]
    public async Task Merge_RandomHistory_EqualsADictionaryFilledInAgeOrder(int firstSeed)
    {
        for (int seed = firstSeed; seed < firstSeed + SeedsPerTest; seed++)
        {
            var random = new Random(seed);
            (List<Part> chain, StateHistory history) = await RandomChainAsync(random);

            List<TestRow> living = await MergeAsync(chain, keepsTombstones: false);

            AssertEqual(seed, history.Text, living.Select(row => row.Text));
        }
    }

    /// <summary>Any neighbours, in any order, down to one segment; tombstones go only with the oldest.</summary>
    [Theory]
    [MemberData(nameof(FirstSeeds))]
    public async Task Merge_NeighboursInAnyOrder_LeavesTheUnionAsItIs(int firstSeed)
    {
        for (int seed = firstSeed; seed < firstSeed + SeedsPerTest; seed++)
        {
            var random = new Random(seed);
            (List<Part> chain, StateHistory history) = await RandomChainAsync(random);
            while (chain.Count > 1)
            {
                int first = random.Next(chain.Count - 1);
                int count = random.Next(2, chain.Count - first + 1);
                List<TestRow> merged = await MergeAsync(chain.GetRange(first, count), keepsTombstones: first > 0);
                chain.RemoveRange(first, count);
                chain.Insert(first, new Part(await SegmentFixture.WriteAndOpenAsync(merged, random.Next(1, 100)), s_all));

                AssertEqual(seed, history.Text, (await MergeAsync(chain, keepsTombstones: false)).Select(row => row.Text));
            }
        }
    }

    [Fact]
    public async Task Merge_TombstoneInTheNewerSegment_HidesTheOlderRow()
    {
        Part old = await PartAsync(Row(1, "", 1), Row(2, "", 2));
        Part young = await PartAsync(Row(1, "", null));

        Assert.Equal(["0/1/02/=02"], await TextAsync([old, young], keepsTombstones: false));
        Assert.Equal(["0/1/01/=01", "0/1/02/=02"], await TextAsync([young, old], keepsTombstones: false));
    }

    [Fact]
    public async Task Merge_TombstoneAtASubKey_HidesWhatIsBelowItInOlderSegmentsOnly()
    {
        Part old = await PartAsync(Row(1, "0101", 1), Row(1, "0102", 2), Row(1, "0201", 3), Row(2, "0101", 4));
        Part young = await PartAsync(Row(1, "01", null), Row(1, "0102", 5));

        Assert.Equal(["0/1/01/0102=05", "0/1/01/0201=03", "0/1/02/0101=04"], await TextAsync([old, young], keepsTombstones: false));
        Assert.Equal(["0/1/01/01=-", "0/1/01/0102=05", "0/1/01/0201=03", "0/1/02/0101=04"], await TextAsync([old, young], keepsTombstones: true));
    }

    [Fact]
    public async Task Merge_ValueAtTheEmptySubKey_ReplacesAllOlderRowsOfItsKey()
    {
        Part old = await PartAsync(Row(1, "0101", 1), Row(2, "0101", 2));
        Part young = await PartAsync(Row(1, "", 3), Row(1, "0102", 4));

        Assert.Equal(["0/1/01/=03", "0/1/01/0102=04", "0/1/02/0101=02"], await TextAsync([old, young], keepsTombstones: false));
    }

    [Fact]
    public async Task Merge_ValueInPlaceOfATombstoneAtTheEmptySubKey_StillHidesWhatLiesBeforeTheMerge()
    {
        Part oldest = await PartAsync(Row(1, "0101", 1));
        Part middle = await PartAsync(Row(1, "", null));
        Part newest = await PartAsync(Row(1, "", 2));

        List<TestRow> merged = await MergeAsync([middle, newest], keepsTombstones: true);

        Assert.Equal(["0/1/01/=02"], merged.Select(row => row.Text));
        Assert.Equal(["0/1/01/=02"], await TextAsync([oldest, await PartAsync([.. merged])], keepsTombstones: false));
    }

    [Fact]
    public async Task Merge_TombstoneReplacedByAValue_IsAsGood()
    {
        Part oldest = await PartAsync(Row(1, "0101", 1));
        Part middle = await PartAsync(Row(1, "0101", null));
        Part newest = await PartAsync(Row(1, "0101", 2), Row(1, "0102", 3));

        List<TestRow> merged = await MergeAsync([middle, newest], keepsTombstones: true);

        Assert.Equal(["0/1/01/0101=02", "0/1/01/0102=03"], merged.Select(row => row.Text));
        Assert.Equal(merged.Select(row => row.Text), await TextAsync([oldest, await PartAsync([.. merged])], keepsTombstones: false));
    }

    [Fact]
    public async Task Merge_ValueWhereATombstoneHidWhatIsBelow_IsRefused()
    {
        Part old = await PartAsync(Row(1, "0101", 1));
        Part middle = await PartAsync(Row(1, "01", null));
        Part newest = await PartAsync(Row(1, "01", 2));

        var error = await Assert.ThrowsAsync<StreamKitException>(() => MergeAsync([old, middle, newest], keepsTombstones: true));

        Assert.Contains("State 1 has a row at sub-key 01 and another one below it, at 0101", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Merge_TombstoneBelowAKeptOne_IsLeftOut()
    {
        Part old = await PartAsync(Row(2, "", 1));
        Part middle = await PartAsync(Row(1, "", null));
        Part newest = await PartAsync(Row(1, "01", null), Row(1, "0102", null), Row(1, "0201", 1));

        Assert.Equal(["0/1/01/=-", "0/1/01/0201=01", "0/1/02/=01"], await TextAsync([old, middle, newest], keepsTombstones: true));
    }

    [Fact]
    public async Task Merge_ClippedSegment_DoesNotBringBackWhatLiesOutsideItsClip()
    {
        SegmentReader old = await SegmentFixture.WriteAndOpenAsync([new TestRow(0, 1, [1], [], [1]), new TestRow(1, 1, [1], [], [1])]);

        Assert.Equal(["1/1/01/=01"], await TextAsync([new Part(old, new KeyGroupRange(1, 1))], keepsTombstones: false));
    }

    [Fact]
    public async Task Merge_TombstoneOutsideTheClip_HidesNothing()
    {
        Part old = await PartAsync(Row(1, "", 1));
        Part young = await PartAsync(Row(1, "", null));

        Assert.Equal(["0/1/01/=01"], await TextAsync([old, young with { KeyGroups = new KeyGroupRange(1, 3) }], keepsTombstones: false));
    }

    private static async Task<(List<Part> Chain, StateHistory History)> RandomChainAsync(Random random)
    {
        var history = new StateHistory();
        var chain = new List<Part>();
        for (int i = random.Next(1, 7); i > 0; i--)
        {
            List<TestRow> rows = StateHistory.RandomSegment(random, random.Next(0, 25), keyGroups: 3);
            int first = random.Next(0, 2);
            KeyGroupRange clip = random.Next(3) > 0 ? s_all : new KeyGroupRange(first, random.Next(first - 1, 4));
            chain.Add(new Part(await SegmentFixture.WriteAndOpenAsync(rows, random.Next(1, 100)), clip));
            history.Apply(rows, clip);
        }

        return (chain, history);
    }

    private static void AssertEqual(int seed, IEnumerable<string> expected, IEnumerable<string> actual) =>
        Assert.Equal($"seed {seed}\n" + string.Join('\n', expected), $"seed {seed}\n" + string.Join('\n', actual));

    private static TestRow Row(byte key, string subKey, byte? value) =>
        new(0, 1, [key], Convert.FromHexString(subKey), value is { } known ? [known] : null);

    private static async Task<Part> PartAsync(params TestRow[] rows) => new(await SegmentFixture.WriteAndOpenAsync(rows), s_all);

    private static async Task<IEnumerable<string>> TextAsync(IEnumerable<Part> parts, bool keepsTombstones) =>
        (await MergeAsync(parts, keepsTombstones)).Select(row => row.Text);

    private static async Task<List<TestRow>> MergeAsync(IEnumerable<Part> parts, bool keepsTombstones)
    {
        var rows = new List<TestRow>();
        using var merge = new SegmentMerge([.. parts.Select(part => (part.Segment, part.KeyGroups))], keepsTombstones);
        while (await merge.MoveNextAsync(default))
        {
            rows.Add(SegmentFixture.ToTestRow(merge.Current));
        }

        return rows;
    }

    private sealed record Part(SegmentReader Segment, KeyGroupRange KeyGroups);
}
