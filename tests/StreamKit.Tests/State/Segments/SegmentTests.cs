using System.IO.Pipelines;
using StreamKit.State;

namespace StreamKit.Tests.State.Segments;

public class SegmentTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Write_RandomRows_AreReadBack(int seed)
    {
        var random = new Random(seed);
        List<TestRow> rows = SegmentFixture.RandomRows(random, random.Next(1, 2000));

        (byte[] bytes, SegmentInfo info) = await SegmentFixture.WriteAsync(rows, targetBlockLength: random.Next(1, 2000));
        SegmentReader segment = await SegmentFixture.OpenAsync(bytes, info.Checksum);

        Assert.Equal(rows.Select(r => r.Text), (await SegmentFixture.ReadAsync(segment, SegmentFixture.AllKeyGroups)).Select(r => r.Text));
        Assert.Equal(info with { Sample = null }, segment.Info);
        Assert.Equal(bytes.Length, info.Length);
        Assert.Equal(rows.Count, info.Rows);
        Assert.Equal(rows.Count(r => r.Value is null), info.Tombstones);
        Assert.Equal(new KeyGroupRange(rows[0].KeyGroup, rows[^1].KeyGroup), info.KeyGroups);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Rows_OfAKeyGroupRange_AreExactlyThose(int seed)
    {
        var random = new Random(seed);
        List<TestRow> rows = SegmentFixture.RandomRows(random, 500);
        SegmentReader segment = await SegmentFixture.WriteAndOpenAsync(rows, targetBlockLength: random.Next(1, 500));

        for (int first = 0; first < 17; first++)
        {
            for (int last = first - 1; last < 17; last++)
            {
                var range = new KeyGroupRange(first, last);

                List<TestRow> read = await SegmentFixture.ReadAsync(segment, range);

                Assert.Equal(rows.Where(r => range.Contains(r.KeyGroup)).Select(r => r.Text), read.Select(r => r.Text));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Find_EveryRowAndManyThatAreNot_AnswersRight(int seed)
    {
        var random = new Random(seed);
        List<TestRow> all = SegmentFixture.RandomRows(random, 1000);
        List<TestRow> rows = [.. all.Where(_ => random.Next(2) == 0)];
        SegmentReader segment = await SegmentFixture.WriteAndOpenAsync(rows, targetBlockLength: 200);
        await segment.LoadFiltersAsync(default);
        HashSet<string> expected = [.. rows.Select(r => r.Text)];

        foreach (TestRow row in all)
        {
            string? found = await FindAsync(segment, row);

            Assert.Equal(expected.Contains(row.Text) ? row.Text : null, found);
        }
    }

    [Fact]
    public async Task BlockOf_AbsentKeys_AreMostlyKnownWithoutReadingABlock()
    {
        SegmentReader segment = await SegmentFixture.WriteAndOpenAsync(
            Enumerable.Range(0, 10_000).Select(i => new TestRow(0, 1, Key(i * 2), [], [1, 2, 3])));
        await segment.LoadFiltersAsync(default);

        int read = Enumerable.Range(0, 10_000).Count(i => segment.BlockOf(0, 1, Key((i * 2) + 1), []) >= 0);
        int otherState = Enumerable.Range(0, 10_000).Count(i => segment.BlockOf(0, 2, Key(i * 2), []) >= 0);

        Assert.InRange(read, 1, 200);
        Assert.InRange(otherState, 1, 200);
    }

    [Fact]
    public async Task Write_NoRows_IsASegment()
    {
        SegmentReader segment = await SegmentFixture.WriteAndOpenAsync([]);
        await segment.LoadFiltersAsync(default);

        Assert.Equal(0, segment.Info.Rows);
        Assert.True(segment.Info.KeyGroups.IsEmpty);
        Assert.Empty(await SegmentFixture.ReadAsync(segment, SegmentFixture.AllKeyGroups));
        Assert.Equal(-1, segment.BlockOf(0, 0, [], []));
    }

    [Fact]
    public async Task Write_ValueLargerThanABlock_IsOneBlock()
    {
        byte[] large = new byte[300_000];
        new Random(1).NextBytes(large);

        SegmentReader segment = await SegmentFixture.WriteAndOpenAsync(
            [new TestRow(1, 1, [1], [], [1]), new TestRow(1, 1, [2], [], large), new TestRow(KeyGroups.LargestMaxParallelism - 1, int.MaxValue, [3], [], [])]);

        List<TestRow> rows = await SegmentFixture.ReadAsync(segment, SegmentFixture.AllKeyGroups);
        Assert.Equal(large, rows[1].Value);
        Assert.Equal(int.MaxValue, rows[2].StateId);
        Assert.Equal(2, segment.Blocks);
    }

    [Fact]
    public async Task Write_ManyRows_FlushesOnTheWay()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        using var writer = new SegmentWriter(pipe.Writer, 0);
        for (int i = 0; i < 20_000; i++)
        {
            writer.Add(0, 1, Key(i), [], new byte[50]);
            await writer.FlushIfNeededAsync(default);
        }

        Assert.True(pipe.Reader.TryRead(out ReadResult read));
        Assert.InRange(read.Buffer.Length, writer.Length - (320 * 1024), writer.Length);
    }

    [Fact]
    public async Task Write_ReaderGivesUp_IsReported()
    {
        var pipe = new Pipe();
        using var writer = new SegmentWriter(pipe.Writer, 0);
        writer.Add(0, 1, [1], [], [1]);
        await pipe.Reader.CompleteAsync();

        await Assert.ThrowsAsync<StreamKitException>(async () => await writer.CompleteAsync(default));
    }

    [Theory]
    [InlineData(4, 1, "01", "")]
    [InlineData(5, 0, "FF", "")]
    [InlineData(5, 1, "00FF", "")]
    [InlineData(5, 1, "01", "01")]
    [InlineData(5, 1, "01", "02")]
    public async Task Add_NotInOrder_IsRefused(int keyGroup, int stateId, string key, string subKey)
    {
        var pipe = new Pipe();
        using var writer = new SegmentWriter(pipe.Writer, 0);
        writer.Add(5, 1, [1], [2], []);

        Assert.Throws<InvalidOperationException>(
            () => writer.AddTombstone(keyGroup, stateId, Convert.FromHexString(key), Convert.FromHexString(subKey)));
        await pipe.Writer.CompleteAsync();
    }

    [Fact]
    public async Task Open_AnotherSegmentThanNamed_IsReported()
    {
        (byte[] bytes, SegmentInfo info) = await SegmentFixture.WriteAsync([new TestRow(0, 1, [1], [], [1])]);

        var failure = await Assert.ThrowsAsync<CheckpointDamagedException>(async () => await SegmentFixture.OpenAsync(bytes, info.Checksum ^ 1));

        Assert.Contains("another segment", failure.Message);
    }

    private static byte[] Key(int i) => [(byte)(i >> 16), (byte)(i >> 8), (byte)i];

    private static async Task<string?> FindAsync(SegmentReader segment, TestRow wanted)
    {
        int index = segment.BlockOf(wanted.KeyGroup, wanted.StateId, wanted.Key, wanted.SubKey);
        if (index < 0)
        {
            return null;
        }

        using SegmentBlock block = await segment.ReadBlockAsync(index, default);
        return block.TryFind(wanted.KeyGroup, wanted.StateId, wanted.Key, wanted.SubKey, out SegmentRow row)
            ? SegmentFixture.ToTestRow(row).Text
            : null;
    }
}
