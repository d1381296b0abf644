using Microsoft.Extensions.Logging;

namespace StreamKit.Checkpoints;

/// <summary>What came of putting an entry at a number.</summary>
/// <param name="IsOurs">True when the entry at that number is the one that was put.</param>
/// <param name="Existing">The bytes of the other entry at that number; null when it is gone already.</param>
internal readonly record struct PutOutcome(bool IsOurs, byte[]? Existing);

/// <summary>The log's objects in the store: list, read, and put with every unknown outcome resolved.</summary>
internal sealed partial class LogObjects(ICheckpointStore store, TimeProvider timeProvider, ILogger logger)
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(100);

    // Above the request timeouts of object stores there is no point in asking less often.
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(5);

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

    /// <summary>
    /// Puts an entry. While the outcome is unknown the same bytes are put again. When it stays unknown, the failure is thrown, and the
    /// caller must not put anything else: the entry may be there, or may still arrive.
    /// </summary>
    public ValueTask<PutOutcome> PutAsync(long number, ReadOnlyMemory<byte> bytes, int attempts, CancellationToken cancellationToken) =>
        PutAsync(StoredNames.LogEntry(number), bytes, attempts, cancellationToken);

    /// <inheritdoc cref="PutAsync(long, ReadOnlyMemory{byte}, int, CancellationToken)"/>
    public async ValueTask<PutOutcome> PutAsync(string name, ReadOnlyMemory<byte> bytes, int attempts, CancellationToken cancellationToken)
    {
        TimeSpan delay = s_firstDelay;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await store.TryCreateAsync(name, bytes, cancellationToken)
                    ? new PutOutcome(true, null)
                    : await CompareAsync(name, bytes, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException && attempt < attempts)
            {
                LogUnknownOutcome(logger, name, attempt, attempts, e);
            }

            await Task.Delay(delay, timeProvider, cancellationToken);
            delay = delay * 2 > s_longestDelay ? s_longestDelay : delay * 2;
        }
    }

    /// <summary>All bytes of a small object.</summary>
    public async ValueTask<byte[]> ReadBytesAsync(string name, CancellationToken cancellationToken)
    {
        await using Stream stream = await store.OpenReadAsync(name, 0, null, cancellationToken);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }

    /// <summary>A taken number is our own earlier attempt, whose answer was lost, only if the whole entry is equal.</summary>
    private async ValueTask<PutOutcome> CompareAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            byte[] existing = await ReadBytesAsync(name, cancellationToken);
            return new PutOutcome(existing.AsSpan().SequenceEqual(bytes.Span), existing);
        }
        catch (StoredObjectNotFoundException)
        {
            // Whoever created it has released and deleted it since. An entry of ours is only released by us.
            return new PutOutcome(false, null);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The outcome of writing '{Name}' is unknown (attempt {Attempt} of {Attempts}); the same bytes are written again")]
    private static partial void LogUnknownOutcome(ILogger logger, string name, int attempt, int attempts, Exception cause);
}
