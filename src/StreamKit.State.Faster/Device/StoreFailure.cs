namespace StreamKit.State.Faster;

/// <summary>
/// The mark that a store is poisoned, and by what first. FASTER passes a failed read on as 'not found' and waits for a failed write for ever, so
/// nothing may be asked of it, nor believed, once the mark is set. Set from any thread; never taken back.
/// </summary>
internal sealed class StoreFailure(string store)
{
    private Exception? _first;

    public bool IsPoisoned => Volatile.Read(ref _first) is not null;

    public void Poison(Exception cause) => Interlocked.CompareExchange(ref _first, cause, null);

    public void ThrowIfPoisoned()
    {
        if (Volatile.Read(ref _first) is { } cause)
            throw new LocalStoreFailedException(store, cause);
    }
}
