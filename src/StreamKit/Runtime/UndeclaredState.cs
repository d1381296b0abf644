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
    /// <param name="subtask">One of its subtasks; all declare the same.</param>
    /// <param name="keyed">Its state, all of it declared.</param>
    /// <param name="settings">The job's settings.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="StreamKitException">The checkpoint holds rows of such state; the message has their number and length.</exception>
    public static async Task SettleAsync(CheckpointLog log, OperatorManifest stored, int subtask, KeyedState keyed, JobSettings settings, CancellationToken cancellation)
    {
        if (keyed.Undeclared.Count == 0)
            return;
        if (settings.Restore.AllowNonRestoredState)
        {
            if (subtask == 0)
                JobLog.UndeclaredStateDropped(settings.Logger, settings.Name, stored.Name, string.Join(", ", keyed.Undeclared.Select(static each => $"'{each.Name}'")));
        }
        else if (subtask == 0 && UnclaimedState.OfStates(stored.Name, keyed.Undeclared, await StateCensus.CountAsync(log.Store, stored, cancellation)) is { } refusal)
        {
            throw new StreamKitException($"Job '{settings.Name}' cannot start from checkpoint {log.Base?.Number}:{Environment.NewLine}- {refusal}");
        }

        keyed.DropUndeclared();
    }
}
