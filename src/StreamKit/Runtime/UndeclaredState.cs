using StreamKit.Checkpoints;
using StreamKit.Diagnostics;
using StreamKit.State;

namespace StreamKit.Runtime;

/// <summary>What becomes of keyed state that an operator has in the checkpoint and does not declare any more.</summary>
internal static class UndeclaredState
{
    /// <summary>Refuses it if it has any rows, or drops it if the user says so. After the operator has opened, before its state is loaded.</summary>
    /// <param name="log">The log of the job.</param>
    /// <param name="stored">The operator in the checkpoint.</param>
    /// <param name="each">The operator and subtask, all its state declared.</param>
    /// <param name="home">The subtask's segments.</param>
    /// <param name="settings">The job's settings.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="StreamKitException">The checkpoint holds rows of such state; the message has their number and length.</exception>
    public static async Task SettleAsync(CheckpointLog log, OperatorManifest stored, KeyedOperator each, HomeTier home, JobSettings settings, CancellationToken cancellation)
    {
        if (each.State.Undeclared.Count == 0)
            return;
        if (settings.Restore.AllowNonRestoredState)
        {
            if (each.Subtask == 0)
                JobLog.UndeclaredStateDropped(settings.Logger, settings.Name, stored.Name, string.Join(", ", each.State.Undeclared.Select(static state => $"'{state.Name}'")));
        }
        else if (await HasRowsAsync(each.State, home, cancellation) && UnclaimedState.OfStates(stored.Name, each.State.Undeclared, await StateCensus.CountAsync(log.Store, stored, cancellation)) is { } refusal)
        {
            throw new StreamKitException($"Job '{settings.Name}' cannot start from checkpoint {log.Base?.Number}:{Environment.NewLine}- {refusal}");
        }

        each.State.DropUndeclared();
    }

    /// <summary>Reads no more than it takes to know: what has rows is counted then.</summary>
    private static async Task<bool> HasRowsAsync(KeyedState state, HomeTier home, CancellationToken cancellation)
    {
        foreach (var undeclared in state.Undeclared)
        {
            await using var rows = home.ReadRange(undeclared.Id, state.Range);
            if (await rows.MoveNextAsync(cancellation))
                return true;
        }

        return false;
    }
}
