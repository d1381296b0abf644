using Microsoft.Extensions.Logging;

namespace StreamKit.Checkpoints;

/// <summary>
/// Makes a savepoint of a checkpoint: its segments are copied and verified, then one entry that names the copies is created. Nothing in a
/// savepoint refers to anything outside, so it may be moved, and outlives the job.
/// </summary>
/// <param name="from">The store of the checkpoint. The checkpoint must stay in force until the savepoint is written.</param>
/// <param name="to">The savepoint's own, empty location.</param>
/// <param name="writer">Tells this savepoint's files from those of another writer in the same location.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where repeated attempts are logged.</param>
internal sealed partial class SavepointWriter(ICheckpointStore from, ICheckpointStore to, string writer, TimeProvider timeProvider, ILogger logger)
{
    private const int EntryAttempts = 8;

    /// <summary>Refuses a location that holds anything: what a savepoint is made of must be all that is there.</summary>
    public static async Task ThrowIfOccupiedAsync(ICheckpointStore location, CancellationToken cancellationToken)
    {
        await foreach (StoredObject each in location.ListAsync("", cancellationToken))
        {
            throw new StreamKitException(
                $"A savepoint cannot be written to '{location}': the location holds '{each.Name}'. Give it an empty location of its own. "
                + $"What an unfinished savepoint has left, a location with files but no '{SavepointNames.Entry}', may be deleted.");
        }
    }

    /// <summary>Writes the savepoint. The transactions of the checkpoint must be committed: a savepoint has none.</summary>
    /// <returns>The length of all of it in bytes.</returns>
    /// <exception cref="CheckpointDamagedException">A part of the checkpoint is damaged or missing; there is no savepoint.</exception>
    /// <exception cref="StreamKitException">The location is not empty, or a store failed.</exception>
    public Task<long> WriteAsync(CheckpointManifest checkpoint, CancellationToken cancellationToken) => WriteAsync(
        async files => checkpoint with { Operators = await files.CopyAsync(checkpoint.Operators, cancellationToken), Transactions = [] }, cancellationToken);

    /// <summary>Writes a savepoint of whatever segments are made for it. As <see cref="WriteAsync(CheckpointManifest, CancellationToken)"/>.</summary>
    public async Task<long> WriteAsync(Func<SavepointFiles, Task<CheckpointManifest>> make, CancellationToken cancellationToken)
    {
        await ThrowIfOccupiedAsync(to, cancellationToken);
        var files = new SavepointFiles(from, to, writer);
        CheckpointManifest savepoint;
        try
        {
            CheckpointManifest made = await make(files);
            savepoint = made with { Operators = [.. made.Operators.Select(Renumber)] };
        }
        catch
        {
            await DeleteAsync(files.Written);
            throw;
        }

        byte[] entry = SavepointFormat.Encode(savepoint);
        PutOutcome put = await new LogObjects(to, timeProvider, logger).PutAsync(SavepointNames.Entry, entry, EntryAttempts, cancellationToken);
        if (!put.IsOurs)
        {
            await DeleteAsync(files.Written);
            throw new StreamKitException($"Another savepoint was written to '{to}' at the same time, and stands. Give each savepoint a location of its own.");
        }

        return entry.Length + Lengths(savepoint);
    }

    /// <summary>
    /// Ages counted from 1, as any number stands behind those of a job's first claim: who starts from the savepoint writes newer segments,
    /// whatever numbers the old job had come to.
    /// </summary>
    private static OperatorManifest Renumber(OperatorManifest stored)
    {
        long[] ages = [.. stored.Segments.Select(static each => each.Sequence).Distinct().Order()];
        return stored with { Segments = [.. stored.Segments.Select(each => each with { Sequence = Array.BinarySearch(ages, each.Sequence) + 1 })] };
    }

    private static long Lengths(CheckpointManifest savepoint) => savepoint.Operators.SelectMany(static each => each.Segments)
        .Where(static each => each.ObjectName is not null).DistinctBy(static each => (each.ObjectName, each.Offset)).Sum(static each => each.Length);

    /// <summary>So that the location can be used again. What stays behind takes space and nothing else.</summary>
    private async Task DeleteAsync(IReadOnlyList<string> written)
    {
        try
        {
            await to.DeleteAsync(written, CancellationToken.None);
        }
        catch (Exception cause)
        {
            LogLeftovers(logger, to, cause);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Files of an unfinished savepoint in '{Location}' could not be deleted; delete them before the location is used again")]
    private static partial void LogLeftovers(ILogger logger, ICheckpointStore location, Exception cause);
}
