namespace StreamKit;

/// <summary>
/// The rows that a subtask's memory gave up: key to bytes. Used by one thread at a time. A row stays until it is replaced, or until a newer cut than its own is
/// committed: then it may be dropped to keep the disk's budget.
/// </summary>
public interface ILocalStore : IDisposable
{
    /// <summary>Makes a batch for <see cref="Read"/>.</summary>
    LocalReadBatch CreateReadBatch();

    /// <summary>Looks up all keys of a batch; those on disk together.</summary>
    /// <param name="batch">A batch of this store's.</param>
    /// <exception cref="StreamKitException">The disk failed. The batch holds no answers, and the store is of no more use.</exception>
    void Read(LocalReadBatch batch);

    /// <summary>Writes rows in order, each in place of an older one of its key, from <see cref="LocalWriteBatch.Written"/> on.</summary>
    /// <param name="rows">The rows; those taken are counted in it.</param>
    /// <exception cref="LocalStoreFullException">There is no room for the next row, and nothing may be dropped. Those before it are taken.</exception>
    /// <exception cref="StreamKitException">The disk failed, and the store is of no more use.</exception>
    void Write(LocalWriteBatch rows);

    /// <summary>
    /// Says how much of the store's disk is taken by others: by files with changed rows that wait for the next checkpoint. The store has so much less; what it holds
    /// already it keeps.
    /// </summary>
    /// <param name="bytes">All that is taken, in place of what was said before.</param>
    void Reserve(long bytes);

    /// <summary>Marks a moment, at a barrier. Must take no time to speak of.</summary>
    /// <returns>What <see cref="Committed"/> will be told.</returns>
    long Cut();

    /// <summary>Says that whatever was written before a cut can be read from a checkpoint: it may be dropped, oldest first, when room is needed.</summary>
    /// <param name="cut">The cut, newer than those before.</param>
    void Committed(long cut);
}
