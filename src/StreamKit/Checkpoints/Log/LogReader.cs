namespace StreamKit.Checkpoints;

/// <summary>Reads the log of a job.</summary>
internal class LogReader(ICheckpointStore store)
{
    protected ICheckpointStore Store => store;

    /// <summary>The numbers of all entries, ascending.</summary>
    public async ValueTask<List<long>> ListAsync(CancellationToken cancellationToken)
    {
        var numbers = new List<long>();
        await foreach (StoredObject each in store.ListAsync(StoredNames.LogPrefix, cancellationToken))
        {
            if (StoredNames.LogEntryNumber(each.Name) is { } number)
            {
                numbers.Add(number);
            }
        }

        return numbers;
    }

    /// <exception cref="StoredObjectNotFoundException">There is no such entry.</exception>
    /// <exception cref="CheckpointDamagedException">The entry is damaged.</exception>
    public async ValueTask<LogEntry> ReadAsync(long number, CancellationToken cancellationToken)
    {
        string name = StoredNames.LogEntry(number);
        LogEntry entry = LogEntryFormat.Decode(name, await ReadBytesAsync(name, cancellationToken));
        return entry.Number == number
            ? entry
            : throw new CheckpointDamagedException(name, "log entry", $"it holds entry {entry.Number}; was it copied?");
    }

    /// <summary>All bytes of a small object.</summary>
    public async ValueTask<byte[]> ReadBytesAsync(string name, CancellationToken cancellationToken)
    {
        await using Stream stream = await store.OpenReadAsync(name, 0, null, cancellationToken);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }
}
