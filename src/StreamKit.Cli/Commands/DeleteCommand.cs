using StreamKit.Checkpoints;

namespace StreamKit.Cli.Commands;

/// <summary>
/// Deletes what nobody can need: savepoints, what is left of unfinished ones, and checkpoints that their job has released. Nothing else, since only a job's
/// own log can say that a checkpoint is given up, and nobody can see from outside whether a runner lives.
/// </summary>
internal sealed class DeleteCommand : Command
{
    private const string Unfinished = "--unfinished";
    private const string Released = "--released";

    public override string Name => "delete";

    public override string Summary => "deletes a savepoint, or what a job has released";

    public override string Help => """
        streamkit delete FOLDER                 deletes the savepoint in the folder
        streamkit delete FOLDER --unfinished    deletes what an unfinished savepoint has left there
        streamkit delete FOLDER --released      deletes the checkpoints that the job has released and not yet deleted itself

        Checkpoints in force are not deleted: a job may start from the newest, and releases the others by itself when newer ones have taken their
        place (CheckpointOptions.Retained). To start a job over, stop it and give it an empty folder; then delete the old folder as a whole.
        """;

    public override IReadOnlyCollection<string> Switches => [Unfinished, Released];

    public override async Task<ExitCode> RunAsync(Arguments arguments, TextWriter output, CancellationToken cancellation)
    {
        var store = Location.Existing(arguments.Places("a folder")[0]);
        if (arguments.Has(Unfinished) && arguments.Has(Released))
            throw new UsageException($"Give one of {Unfinished} and {Released}.");
        var names = new List<string>();
        await foreach (var each in store.ListAsync("", cancellation))
            names.Add(each.Name);
        var isLog = names.Exists(static name => StoredNames.LogEntryNumber(name) is not null || StoredNames.DataClaim(name) is not null);
        if (arguments.Has(Released))
            return await DeleteReleasedAsync(store, output, cancellation);
        if (isLog)
        {
            throw new StreamKitException(
                $"'{store}' holds the checkpoints of a job, and was left as it is. Whether a runner of the job lives cannot be seen from here, and a checkpoint in force must not go: the job may start from it. "
                + $"'--released' deletes what the job itself has given up. 'streamkit help delete' says what else there is.");
        }

        return arguments.Has(Unfinished) ? await DeleteUnfinishedAsync(store, names, output, cancellation) : await DeleteSavepointAsync(store, output, cancellation);
    }

    /// <summary>The entry first: whatever happens then, nobody takes the rest for a savepoint.</summary>
    private static async Task<ExitCode> DeleteSavepointAsync(FileCheckpointStore store, TextWriter output, CancellationToken cancellation)
    {
        var savepoint = await StateReader.OpenAsync(store, cancellation);
        await store.DeleteAsync([SavepointNames.Entry], cancellation);
        await store.DeleteAsync([.. savepoint.Manifest.ObjectNames], cancellation);
        output.WriteLine($"The savepoint of checkpoint {savepoint.Checkpoint} of job '{savepoint.JobName}' was deleted.");
        return ExitCode.Success;
    }

    private static async Task<ExitCode> DeleteUnfinishedAsync(FileCheckpointStore store, List<string> names, TextWriter output, CancellationToken cancellation)
    {
        if (names.Contains(SavepointNames.Entry))
            throw new StreamKitException($"'{store}' holds a finished savepoint, and was left as it is. Without --unfinished it is deleted.");
        if (names.Find(static name => !name.StartsWith(SavepointNames.DataPrefix, StringComparison.Ordinal)) is { } other)
            throw new StreamKitException($"'{store}' holds '{other}', which is of no savepoint, and was left as it is. Look at what the folder is for.");
        await store.DeleteAsync(names, cancellation);
        output.WriteLine($"{names.Count} {(names.Count == 1 ? "file" : "files")} of an unfinished savepoint were deleted. If it is being written at this moment, it will fail where it is read.");
        return ExitCode.Success;
    }

    /// <summary>What the last entry lists as released, nobody may start from: files first, so that an entry without files is never left.</summary>
    private static async Task<ExitCode> DeleteReleasedAsync(FileCheckpointStore store, TextWriter output, CancellationToken cancellation)
    {
        var log = new LogReader(store);
        var numbers = await log.ListAsync(cancellation);
        if (numbers.Count == 0)
            throw new StreamKitException($"'{store}' holds no checkpoints of a job.");
        var last = await log.ReadAsync(numbers[^1], cancellation);
        var inForce = new HashSet<string>(last.Manifest?.ObjectNames ?? []);
        foreach (var number in last.Retained)
            inForce.UnionWith((await log.ReadAsync(number, cancellation)).Manifest?.ObjectNames ?? []);
        var deleted = 0;
        foreach (var number in last.Released.Where(numbers.Contains))
        {
            try
            {
                var entry = await log.ReadAsync(number, cancellation);
                await store.DeleteAsync([.. (entry.Manifest?.ObjectNames ?? []).Where(name => !inForce.Contains(name))], cancellation);
                await store.DeleteAsync([StoredNames.LogEntry(number)], cancellation);
                deleted++;
            }
            catch (StoredObjectNotFoundException)
            {
                // The job has deleted it since.
            }
        }

        output.WriteLine($"{deleted} released {(deleted == 1 ? "checkpoint was" : "checkpoints were")} deleted.");
        return ExitCode.Success;
    }
}
