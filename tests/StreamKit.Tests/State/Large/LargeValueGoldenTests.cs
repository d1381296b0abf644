using System.IO.Pipelines;
using StreamKit.State;
using StreamKit.Tests.State.Segments;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.State.Large;

/// <summary>What lists and maps keep in checkpoints: files written by released versions are read for ever, and version 0 is written as it was.</summary>
public class LargeValueGoldenTests
{
    private const string File = "lists-and-maps-v0.bin";

    [Fact]
    public async Task Write_TheSameValues_GivesTheSameBytes()
    {
        LargeFixture state = Filled();
        using KeyedStateCut cut = state.State.Cut();
        Assert.True(cut.Advance(int.MaxValue));
        using var bytes = new MemoryStream();
        PipeWriter output = PipeWriter.Create(bytes, new StreamPipeWriterOptions(leaveOpen: true));
        await cut.WriteAsync(output, CancellationToken.None);
        await output.CompleteAsync();

        Assert.Equal(GoldenFile.Read(File), bytes.ToArray());
    }

    [Fact]
    public async Task Read_ValuesOfVersion0_AreThere()
    {
        var restored = new LargeFixture();
        List<TestRow> rows = await SegmentFixture.ReadAsync(await SegmentFixture.OpenAsync(GoldenFile.Read(File)), restored.State.Range);

        foreach (TestRow row in rows.Where(static row => row.Value is not null))
            restored.State.Load(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value);

        restored.Enter();
        Assert.Equal(Enumerable.Range(0, 600).Select(static i => (long)i * i), restored.List);
        Assert.Equal(Enumerable.Range(0, 300).Select(static i => KeyValuePair.Create((long)i, (long)-i)), restored.Map.OrderBy(static entry => entry.Key));
    }

    [Fact]
    public async Task Rows_OfLargeValues_AreKeyedByTheirFirstPlaceOrLowestHash()
    {
        List<TestRow> rows = await SegmentFixture.ReadAsync(await SegmentFixture.OpenAsync(GoldenFile.Read(File)), new KeyGroupRange(0, 127));

        // 600 items in pages of 256. 300 entries by the first two bits of their hashes: in front of each value how many bits, and how many entries.
        Assert.Equal(["00000000 DC0100", "00000100 DC0100", "00000200 DC0058"], rows.Where(static row => row.StateId == 1).Select(static row => Text(row, 3)));
        Assert.Equal(["00000000 9202DE0046", "40000000 9202DE0045", "80000000 9202DE0053", "C0000000 9202DE004E"], rows.Where(static row => row.StateId == 2).Select(static row => Text(row, 5)));
    }

    private static string Text(TestRow row, int bytes) => $"{Convert.ToHexString(row.SubKey)} {Convert.ToHexString(row.Value!.AsSpan(0, bytes))}";

    private static LargeFixture Filled()
    {
        var state = new LargeFixture();
        state.List.AddRange(Enumerable.Range(0, 600).Select(static i => (long)i * i));
        for (int i = 0; i < 300; i++)
            state.Map[i] = -i;
        return state;
    }
}
