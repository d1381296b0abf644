namespace StreamKit.Checkpoints;

/// <summary>
/// Finds what a runner starts from: the last entry of the log, and nothing else. Only where the user allows it, a damaged checkpoint is left
/// behind for the newest one before it that is in force and not known to be damaged.
/// </summary>
internal sealed class RestorePointFinder(LogObjects objects, RunnerClaims claims, string jobName, ICheckpointStore store)
{
    /// <summary>What a job that was about to start says of damage, when it may not go back or has not yet.</summary>
    /// <param name="start">What it was to start from.</param>
    /// <param name="jobName">The job.</param>
    /// <param name="store">Its store.</param>
    /// <param name="checkpoint">The number of the checkpoint, where it is known.</param>
    /// <param name="cause">The finding.</param>
    public static CheckpointDamagedException Refusal(string start, string jobName, ICheckpointStore store, long? checkpoint, CheckpointDamagedException cause) => new(
        $"Job '{jobName}' cannot start from {start} in '{store}'. {cause.Message} To have the job go back to the checkpoint before it, set "
        + $"CheckpointOptions.{nameof(CheckpointOptions.FallBackFromDamagedCheckpoint)}: output that was committed since then is then repeated.",
        checkpoint,
        cause)
    {
        IsPermanent = true,
    };

    /// <summary>What a job says of damage that it has found while it was running, in what it started from or has stored since.</summary>
    /// <param name="jobName">The job.</param>
    /// <param name="store">Its store.</param>
    /// <param name="mayGoBack">Whether it may go back to a checkpoint that can do without.</param>
    /// <param name="cause">The finding.</param>
    public static CheckpointDamagedException WhileRunning(string jobName, ICheckpointStore store, bool mayGoBack, CheckpointDamagedException cause) => new(
        $"Job '{jobName}' needs state that is stored in '{store}' and cannot be read. {cause.Message}" + (mayGoBack
            ? " The job goes back to the newest checkpoint that does not need it."
            : $" To have the job go back to a checkpoint that does not need it, set CheckpointOptions.{nameof(CheckpointOptions.FallBackFromDamagedCheckpoint)}: "
                + "output that was committed since then is then repeated."),
        null,
        cause)
    {
        IsPermanent = !mayGoBack,
    };

    /// <param name="numbers">The numbers of all entries, ascending.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when the last entry has vanished since it was listed, so that there are newer ones.</returns>
    /// <exception cref="CheckpointDamagedException">What there is to start from is damaged.</exception>
    public async ValueTask<RestorePoint?> FindAsync(List<long> numbers, CancellationToken cancellationToken)
    {
        if (numbers.Count == 0)
        {
            return new RestorePoint(0, null, null, []);
        }

        var damage = new List<CheckpointDamagedException>();
        long tail = numbers[^1];
        LogEntry entry;
        try
        {
            entry = await objects.ReadAsync(tail, cancellationToken);
        }
        catch (StoredObjectNotFoundException)
        {
            return null;
        }
        catch (CheckpointDamagedException cause)
        {
            ThrowUnlessAllowed(tail, cause);
            damage.Add(cause);
            entry = await NewestReadableAsync(numbers[..^1], damage, cancellationToken);
        }

        CheckpointManifest? found = entry.Manifest;
        while (found is not null && WhyNot(found) is { } known)
        {
            damage.Add(known);
            found = await BeforeAsync(found.Number, entry, damage, cancellationToken);
        }

        return found is null && damage.Count > 0 ? throw NothingLeft(damage) : new RestorePoint(tail, entry, found, damage);
    }

    /// <summary>What is known against a checkpoint.</summary>
    private CheckpointDamagedException? WhyNot(CheckpointManifest checkpoint)
    {
        if (claims.Damaged.TryGetValue(checkpoint.Number, out CheckpointDamagedException? known))
        {
            return known;
        }

        CheckpointDamagedException? finding = checkpoint.Operators
            .SelectMany(static each => each.Segments)
            .Select(segment => segment.ObjectName is { } name ? claims.DamagedObjects.GetValueOrDefault(name) : null)
            .FirstOrDefault(static each => each is not null);
        return finding is null ? null : Refusal($"checkpoint {checkpoint.Number}", jobName, store, checkpoint.Number, finding);
    }

    /// <summary>
    /// An entry says what is in force, and contains a checkpoint, whether it is one or a claim. That of a claim counts only while its own
    /// entry is there: a checkpoint is deleted when newer ones are in force, and what they committed must not be repeated.
    /// </summary>
    private async ValueTask<LogEntry> NewestReadableAsync(List<long> numbers, List<CheckpointDamagedException> damage, CancellationToken cancellationToken)
    {
        for (int i = numbers.Count - 1; i >= 0; i--)
        {
            try
            {
                LogEntry entry = await objects.ReadAsync(numbers[i], cancellationToken);
                if (entry.Manifest is { } contained && !numbers.Contains(contained.Number))
                {
                    // Claims are never deleted: this one may be old, and any number of checkpoints have been committed and released behind it.
                    damage.Add(new CheckpointDamagedException(
                        StoredNames.LogEntry(contained.Number), "log entry", $"it is gone, so checkpoint {contained.Number}, which claim {entry.Number} contains, was given up for newer ones"));
                    break;
                }

                return entry;
            }
            catch (CheckpointDamagedException cause)
            {
                damage.Add(cause);
            }
            catch (StoredObjectNotFoundException)
            {
                // Released since it was listed: it was not to be started from.
            }
        }

        throw NothingLeft(damage);
    }

    /// <summary>The newest checkpoint before a damaged one that an entry says is in force, as far as it can be read; null when there is none.</summary>
    private async ValueTask<CheckpointManifest?> BeforeAsync(
        long damaged, LogEntry entry, List<CheckpointDamagedException> damage, CancellationToken cancellationToken)
    {
        foreach (long number in entry.Retained.Where(number => number < damaged).OrderDescending())
        {
            try
            {
                return (await objects.ReadAsync(number, cancellationToken)).Manifest;
            }
            catch (CheckpointDamagedException cause)
            {
                damage.Add(cause);
            }
            catch (StoredObjectNotFoundException)
            {
                damage.Add(new CheckpointDamagedException(StoredNames.LogEntry(number), "log entry", "it is missing, although it is in force"));
            }
        }

        return null;
    }

    private void ThrowUnlessAllowed(long tail, CheckpointDamagedException cause)
    {
        if (!claims.MayGoBack)
        {
            throw Refusal($"the last entry ({tail}) of the checkpoint log", jobName, store, null, cause);
        }

        if (claims.HasHeldTheJob)
        {
            throw new StreamKitException(
                $"Job '{jobName}': the last entry ({tail}) of the checkpoint log in '{store}' is damaged, so this runner, which held the job before, cannot tell whether another one has taken it over. "
                + "Start the job anew, in one place: it then goes back to the checkpoint before.",
                cause)
            {
                IsPermanent = true,
            };
        }
    }

    private StreamKitException NothingLeft(List<CheckpointDamagedException> damage) => new(
        $"Job '{jobName}': no checkpoint in '{store}' is left to go back to. Found damaged:"
        + string.Concat(damage.Concat(claims.Damaged.Values).Distinct().Select(Describe)),
        damage[0])
    {
        IsPermanent = true,
    };

    private static string Describe(CheckpointDamagedException damage) =>
        $"{Environment.NewLine}- " + (damage.Checkpoint is { } number ? $"Checkpoint {number}: {damage.Finding.Message}" : damage.Message);
}
