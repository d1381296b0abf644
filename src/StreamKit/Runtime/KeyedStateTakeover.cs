using StreamKit.Checkpoints;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Runtime;

/// <summary>Brings the state of an operator and subtask from a checkpoint into memory: all of it, or what has to be there before the first record.</summary>
internal static class KeyedStateTakeover
{
    /// <summary>Loads rows, when the operator has opened.</summary>
    /// <param name="each">The operator and subtask.</param>
    /// <param name="home">Its segments.</param>
    /// <param name="stored">The operator in the checkpoint.</param>
    /// <param name="log">The log of the job.</param>
    /// <param name="settings">The job's settings.</param>
    /// <param name="onlyWhatStays">True to leave to others what may leave memory.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="CheckpointDamagedException">A segment is damaged or missing.</exception>
    /// <exception cref="StreamKitException">The checkpoint holds state that the operator does not declare, or of other keys.</exception>
    public static async Task LoadAsync(KeyedOperator each, HomeTier home, OperatorManifest stored, CheckpointLog log, JobSettings settings, bool onlyWhatStays, CancellationToken cancellation)
    {
        if (home.View.Any(mounted => mounted.Segment.Info.KeyFingerprint != each.State.KeySchema.Fingerprint))
        {
            throw new StreamKitException(
                $"The key of operator '{each.Name}' is {each.State.KeySchema}, but its state in the checkpoint was stored by a key of another kind. "
                + "Key the stream by the type it was keyed by, or give the operator another name to start it empty.");
        }

        await UndeclaredState.SettleAsync(log, stored, each, home, settings, cancellation);
        if (onlyWhatStays)
        {
            foreach (var table in each.State.Tables.Where(static table => table.Cells is null))
                await LoadAsync(each.State, home.ReadRange(table.Id, each.State.Range), cancellation);
        }
        else
        {
            await LoadAsync(each.State, home.ReadRange(stateId: null, each.State.Range), cancellation);
        }

        each.State.MarkStored();
    }

    private static async Task LoadAsync(KeyedState state, HomeRange rows, CancellationToken cancellation)
    {
        using var scratch = new PooledBufferWriter();
        await using (rows)
        {
            while (await rows.MoveNextAsync(cancellation))
                Load(state, rows.Current, state.Schemas.Of(rows.SchemaGeneration), scratch);
        }
    }

    private static void Load(KeyedState state, SegmentRow row, RowConversions? conversions, PooledBufferWriter scratch) => state.Load(
        row.KeyGroup, row.StateId, row.Key, row.SubKey, conversions is null ? row.Value : conversions.Convert(row.StateId, row.SubKey, row.Value, scratch));
}
