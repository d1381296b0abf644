using System.Buffers;
using System.IO.Pipelines;
using StreamKit.Checkpoints;
using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.State;

namespace StreamKit.Runtime;

/// <summary>Writes what a task added to a checkpoint: large segments to the store, small ones and all else into the report to the coordinator. Off the task's thread.</summary>
internal sealed class SnapshotWriter(CheckpointLog? log, int parallelism, int subtask)
{
    private static readonly PipeOptions s_pipe = new(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 4 << 20, resumeWriterThreshold: 1 << 20);

    /// <summary>Writes one operator's part.</summary>
    /// <param name="cut">The operator's cut.</param>
    /// <param name="part">Names the operator within the checkpoint's files.</param>
    /// <param name="barrier">The barrier.</param>
    /// <param name="stopping">Cancelled when the attempt ends.</param>
    public async Task<OperatorSnapshot> WriteAsync(OperatorCut cut, string part, CheckpointBarrier barrier, CancellationToken stopping)
    {
        if (cut.Declined is { } cause)
            throw cause;
        var deferred = cut.Deferred is { } task ? await task : null;
        var snapshot = new OperatorSnapshot
        {
            OperatorName = cut.OperatorName,
            Parallelism = parallelism,
            Subtask = subtask,
            Watermark = cut.Watermark,
            Lists = deferred?.Lists ?? cut.Lists ?? new Dictionary<string, ListSnapshot>(),
            Prepared = await PreparedByAsync(cut),
        };
        if (cut.Keyed is not { } keyed || log is null)
            return snapshot;
        using (keyed)
        {
            var segment = await WriteSegmentAsync(keyed, StoredNames.Data(log.Claim, barrier.Id, part), stopping);
            return snapshot with
            {
                Key = keyed.KeySchema,
                States = keyed.States,
                NextStateId = keyed.NextStateId,
                Segments = segment is null ? [] : [segment with { Sequence = (log.Claim << 32) | barrier.Id }],
            };
        }
    }

    /// <summary>What a sink has prepared at the barrier, once it has; nothing for other operators.</summary>
    public static async Task<IReadOnlyList<PreparedTransaction>> PreparedByAsync(OperatorCut cut) =>
        cut.Deferred is { } deferred
            ? [.. (await deferred).Transactions.Select(each => new PreparedTransaction(cut.OperatorName, each.TransactionId, each.Payload))]
            : [];

    /// <summary>A segment that stays small is carried in the manifest; a larger one is streamed to the store as it is written.</summary>
    private async Task<SegmentReference?> WriteSegmentAsync(KeyedStateCut keyed, string name, CancellationToken stopping)
    {
        var pipe = new Pipe(s_pipe);
        var writing = WriteAsync(keyed, pipe.Writer, stopping);
        var read = await pipe.Reader.ReadAtLeastAsync(SegmentPacking.MaxInlineLength + 1, stopping);
        if (read.IsCompleted && read.Buffer.Length <= SegmentPacking.MaxInlineLength)
        {
            var bytes = read.Buffer.ToArray();
            await pipe.Reader.CompleteAsync();
            var small = await writing;
            return small.Rows == 0 ? null : Reference(small, keyed) with { Inline = bytes };
        }

        pipe.Reader.AdvanceTo(read.Buffer.Start);
        var putting = log!.Store.PutAsync(name, pipe.Reader, stopping).AsTask(); // only asked for with a log
        var info = await writing;
        await putting;
        return Reference(info, keyed) with { ObjectName = name };
    }

    private static SegmentReference Reference(SegmentInfo info, KeyedStateCut keyed) => new() { Length = info.Length, KeyGroups = keyed.Range, Checksum = info.Checksum, Sequence = 0 };

    private static async Task<SegmentInfo> WriteAsync(KeyedStateCut keyed, PipeWriter output, CancellationToken stopping)
    {
        try
        {
            var info = await keyed.WriteAsync(output, stopping);
            await output.CompleteAsync();
            return info;
        }
        catch (Exception cause)
        {
            await output.CompleteAsync(cause);
            throw;
        }
    }
}
