using Microsoft.Extensions.Logging;

namespace StreamKit.Checkpoints;

/// <summary>What came of putting an entry at a number.</summary>
/// <param name="IsOurs">True when the entry at that number is the one that was put.</param>
/// <param name="Existing">The bytes of the other entry at that number; null when it is gone already.</param>
internal readonly record struct PutOutcome(bool IsOurs, byte[]? Existing);

/// <summary>The log's objects in the store: list, read, and put with every unknown outcome resolved.</summary>
internal sealed partial class LogObjects(ICheckpointStore store, TimeProvider timeProvider, ILogger logger) : LogReader(store)
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(100);

    // Above the request timeouts of object stores there is no point in asking less often.
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(5);

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
                return await Store.TryCreateAsync(name, bytes, cancellationToken)
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
