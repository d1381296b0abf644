using System.IO.Pipelines;
using StreamKit.Operators;
using StreamKit.State;
using StreamKit.Tests.State;

namespace StreamKit.Tests.TestSupport;

/// <summary>The cuts of all subtasks at one barrier, not written yet.</summary>
/// <param name="cuts">What each subtask adds to the checkpoint.</param>
/// <param name="stored">What the cuts before add up to.</param>
internal sealed class HarnessCut(IReadOnlyList<OperatorCut> cuts, RowUnion stored)
{
    /// <summary>What each subtask adds to the checkpoint.</summary>
    public IReadOnlyList<OperatorCut> Subtasks { get; } = cuts;

    /// <summary>Writes what has changed, as it was at the barrier.</summary>
    /// <returns>All there is with it.</returns>
    public HarnessSnapshot Write()
    {
        using var sink = new RecordedRows();
        foreach (var keyed in Subtasks.Select(static cut => cut.Keyed!))
        {
            while (!keyed.Advance(maxSlots: 7))
            {
            }

            var written = keyed.WriteAsync(sink, CancellationToken.None);
            Assert.True(written.IsCompletedSuccessfully);
            keyed.Complete();
        }

        for (var i = 1; i < sink.Rows.Count; i++)
            Assert.True(RecordedRow.Compare(sink.Rows[i - 1], sink.Rows[i]) < 0, "rows are not in order");
        stored.Apply(sink.Rows);
        return new HarnessSnapshot(Subtasks[0].Keyed!.States, [.. stored.Rows], Subtasks.Min(static cut => cut.Watermark));
    }

    /// <summary>Writes the cut of the only subtask as the file that a checkpoint keeps of it.</summary>
    public async Task<byte[]> WriteSegmentAsync()
    {
        var keyed = Assert.Single(Subtasks).Keyed!;
        Assert.True(keyed.Advance(int.MaxValue));
        using var bytes = new MemoryStream();
        var output = PipeWriter.Create(bytes, new StreamPipeWriterOptions(leaveOpen: true));
        await keyed.WriteAsync(output, CancellationToken.None);
        await output.CompleteAsync();
        return bytes.ToArray();
    }
}

internal sealed record HarnessSnapshot(IReadOnlyList<StateDescriptor> States, IReadOnlyList<RecordedRow> Rows, long Watermark);
