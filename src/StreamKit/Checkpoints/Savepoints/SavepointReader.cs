namespace StreamKit.Checkpoints;

/// <summary>Reads the entry of a savepoint.</summary>
internal static class SavepointReader
{
    /// <exception cref="CheckpointDamagedException">The savepoint's entry is damaged.</exception>
    /// <exception cref="StreamKitException">There is no savepoint, or the store failed.</exception>
    public static async Task<CheckpointManifest> ReadAsync(ICheckpointStore location, CancellationToken cancellationToken)
    {
        byte[] entry;
        try
        {
            await using Stream stream = await location.OpenReadAsync(SavepointNames.Entry, 0, null, cancellationToken);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, cancellationToken);
            entry = bytes.ToArray();
        }
        catch (StoredObjectNotFoundException cause)
        {
            throw await NoSavepointAsync(location, cause, cancellationToken);
        }

        return SavepointFormat.Decode(SavepointNames.Entry, entry);
    }

    private static async Task<StreamKitException> NoSavepointAsync(ICheckpointStore location, Exception cause, CancellationToken cancellationToken)
    {
        await foreach (StoredObject each in location.ListAsync("", cancellationToken))
        {
            string finding = StoredNames.LogEntryNumber(each.Name) is not null || StoredNames.DataClaim(each.Name) is not null
                ? "It holds the checkpoints of a job: to go on with that job, give the location to UseCheckpoints; to start another one, take a savepoint of it."
                : $"It holds '{each.Name}' and no '{SavepointNames.Entry}': a savepoint that was never finished. Use another one, and delete this.";
            return new StreamKitException($"There is no savepoint in '{location}'. {finding}", cause);
        }

        return new StreamKitException($"There is no savepoint in '{location}'. The location is empty. Give the location that the savepoint was written to.", cause);
    }
}
