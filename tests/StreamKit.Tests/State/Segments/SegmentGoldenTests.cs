using StreamKit.State;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.State.Segments;

/// <summary>Segments written by released versions are read for ever, and version 0 is written as it was.</summary>
public class SegmentGoldenTests
{
    private const string File = "segment-v0.bin";

    [Fact]
    public async Task Read_SegmentOfVersion0_GivesItsRows()
    {
        SegmentReader segment = await SegmentFixture.OpenAsync(GoldenFile.Read(File));

        List<TestRow> rows = await SegmentFixture.ReadAsync(segment, SegmentFixture.AllKeyGroups);

        Assert.Equal(Rows().Select(r => r.Text), rows.Select(r => r.Text));
        Assert.Equal(SegmentFixture.Fingerprint, segment.Info.KeyFingerprint);
        await segment.LoadFiltersAsync(default);
        Assert.All(rows, r => Assert.True(segment.BlockOf(r.KeyGroup, r.StateId, r.Key, r.SubKey) >= 0));
    }

    [Fact]
    public async Task Write_TheSameRows_GivesTheSameBytes()
    {
        (byte[] bytes, _) = await SegmentFixture.WriteAsync(Rows(), targetBlockLength: 100);

        Assert.Equal(GoldenFile.Read(File), bytes);
    }

    private static IEnumerable<TestRow> Rows()
    {
        for (int i = 0; i < 40; i++)
        {
            byte[] key = [(byte)(i * 5), 0xC3, (byte)i];
            yield return new TestRow(i * 300, i % 3, key, [], i % 7 == 0 ? null : [.. Enumerable.Range(0, i).Select(b => (byte)(b * i))]);
            if (i % 4 == 0)
            {
                yield return new TestRow(i * 300, i % 3, key, [1, (byte)i], [0xFF]);
            }
        }
    }
}
