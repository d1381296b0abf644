using System.IO.Pipelines;
using StreamKit.Operators;
using StreamKit.State;

namespace StreamKit.Tests.TestSupport;

/// <summary>The cuts of all subtasks at one barrier, not written yet.</summary>
internal sealed class HarnessCut(IReadOnlyList<OperatorCut> cuts)
{
    /// <summary>What each subtask adds to the checkpoint.</summary>
    public IReadOnlyList<OperatorCut> Subtasks { get; } = cuts;

    /// <summary>Writes the rows, as they were at the barrier.</summary>
    public HarnessSnapshot Write()
    {
        var sink = new Sink();
        foreach (var keyed in Subtasks.Select(static cut => cut.Keyed!))
        {
            while (!keyed.Advance(maxSlots: 7))
            {
            }

            var written = keyed.WriteAsync(sink, CancellationToken.None);
            Assert.True(written.IsCompletedSuccessfully);
        }

        return new HarnessSnapshot(Subtasks[0].Keyed!.States, sink.Rows, Subtasks.Min(static cut => cut.Watermark));
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

    private sealed class Sink : OrderedRowSink
    {
        public List<HarnessRow> Rows { get; } = [];

        public override void Add(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
        {
            var row = new HarnessRow(KeyGroup, StateId, Key.ToArray(), subKey.ToArray(), value.ToArray());
            Assert.True(Rows.Count == 0 || Rows[^1].CompareTo(row) < 0, "rows are not in order");
            Rows.Add(row);
        }

        public override ValueTask FlushAsync(CancellationToken cancellationToken) => default;
    }
}

internal sealed record HarnessRow(int KeyGroup, int StateId, byte[] Key, byte[] SubKey, byte[] Value) : IComparable<HarnessRow>
{
    public int CompareTo(HarnessRow? other)
    {
        if (other is null)
            return 1;
        var byState = (KeyGroup, StateId).CompareTo((other.KeyGroup, other.StateId));
        var byKey = byState != 0 ? byState : Key.AsSpan().SequenceCompareTo(other.Key);
        return byKey != 0 ? byKey : SubKey.AsSpan().SequenceCompareTo(other.SubKey);
    }
}

internal sealed record HarnessSnapshot(IReadOnlyList<StateDescriptor> States, IReadOnlyList<HarnessRow> Rows, long Watermark);
