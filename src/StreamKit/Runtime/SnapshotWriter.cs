using StreamKit.Checkpoints;
using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.State;

namespace StreamKit.Runtime;

/// <summary>Writes what a task added to a checkpoint: large segments to the store, small ones and all else into the report to the coordinator. Off the task's thread.</summary>
internal sealed class SnapshotWriter(CheckpointLog? log, Func<string, StoredState> stored, int parallelism, int subtask)
{
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
            var state = stored(cut.OperatorName);
            var sequence = SegmentReference.SequenceOf(log.Claim, barrier.Id);
            var segment = await WriteSegmentAsync(keyed, state.Schemas.Generation, sequence, StoredNames.Data(log.Claim, barrier.Id, part), log.Store, stopping);
            var inForce = state.Append(sequence, segment, keyed.DeadRows(), keyed.PassedOn);
            keyed.Complete();
            return snapshot with
            {
                Key = keyed.KeySchema,
                States = keyed.States,
                Schemas = new StoredSchemas(state.Schemas.Generation, state.Schemas.Older),
                NextStateId = keyed.NextStateId,
                Segments = inForce,
            };
        }
    }

    /// <summary>What a sink has prepared at the barrier, once it has; nothing for other operators.</summary>
    public static async Task<IReadOnlyList<PreparedTransaction>> PreparedByAsync(OperatorCut cut) =>
        cut.Deferred is { } deferred
            ? [.. (await deferred).Transactions.Select(each => new PreparedTransaction(cut.OperatorName, each.TransactionId, each.Payload))]
            : [];

    /// <summary>A segment that stays small is carried in the manifest; a larger one is streamed to the store as it is written.</summary>
    private static async Task<ChainedSegment?> WriteSegmentAsync(KeyedStateCut keyed, int generation, long sequence, string name, ICheckpointStore store, CancellationToken stopping)
    {
        var (info, inline) = await SegmentUpload.WriteAsync(store, name, output => keyed.WriteAsync(output, stopping).AsTask(), stopping);
        if (info.Rows == 0)
            return null;
        var reference = new SegmentReference
        {
            ObjectName = inline is null ? name : null,
            Inline = inline ?? default,
            Length = info.Length,
            KeyGroups = keyed.Range,
            Sequence = sequence,
            Checksum = info.Checksum,
            Generation = generation,
        };
        return new ChainedSegment(reference, info);
    }
}
