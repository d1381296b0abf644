namespace StreamKit.State;

/// <summary>
/// Keyed state as it was at a barrier. <see cref="Advance"/> on the owner's thread until it returns true; then it may be written on any
/// thread, once; <see cref="Dispose"/> in any case. Until then the state keeps old pages for it, and no other cut can begin.
/// </summary>
internal abstract class KeyedStateCut : IDisposable
{
    // How many slots are serialized between two looks at the clock: some ten microseconds for small values.
    private const int SlotsPerLook = 64;

    private readonly CutTable[] _tables;
    private volatile bool _finished;
    private int _advancing;

    private protected KeyedStateCut(CutTable[] tables, StateDescriptor[] states)
    {
        _tables = tables;
        States = states;
    }

    /// <summary>The states that the rows' ids stand for, in order of their ids.</summary>
    public IReadOnlyList<StateDescriptor> States { get; }

    /// <summary>Whether the owner has no more to do with the cut: it was written or disposed of.</summary>
    public bool IsFinished => _finished;

    /// <summary>Whether <see cref="Advance"/> has returned true.</summary>
    public bool IsAdvanced => _advancing == _tables.Length;

    private protected ReadOnlySpan<CutTable> Tables => _tables;

    /// <summary>
    /// Serializes, on the owner's thread and between batches, slots that hold objects which user code may change. There are none where all
    /// state is known to be immutable.
    /// </summary>
    /// <param name="maxSlots">The most slots to serialize.</param>
    /// <returns>True when nothing is left for the owner's thread.</returns>
    /// <exception cref="StreamKitException">A value cannot be serialized.</exception>
    public bool Advance(int maxSlots)
    {
        while (_advancing < _tables.Length)
        {
            CutTable table = _tables[_advancing];
            bool done = table.Advance(ref maxSlots);
            ThrowIfFailed(_advancing);
            if (!done)
                return false;
            _advancing++;
        }

        return true;
    }

    /// <summary>As <see cref="Advance"/>, for a slice of time, of which one large value may be more.</summary>
    public bool AdvanceFor(TimeSpan slice, TimeProvider clock)
    {
        long start = clock.GetTimestamp();
        do
        {
            if (Advance(SlotsPerLook))
                return true;
        }
        while (clock.GetElapsedTime(start) < slice);
        return false;
    }

    /// <summary>Gives the cut up if it was not written: the owner may change its pages in place again.</summary>
    public abstract void Dispose();

    private protected void ThrowIfFailed()
    {
        for (int i = 0; i < _tables.Length; i++)
            ThrowIfFailed(i);
    }

    /// <summary>Lets the owner go on in place.</summary>
    private protected void Finish()
    {
        foreach (CutTable table in _tables)
            table.Release();
        _finished = true;
    }

    private void ThrowIfFailed(int table)
    {
        if (_tables[table].Failure is { } failure)
            throw new StreamKitException($"State '{_tables[table].Name}' holds a value that cannot be written to a checkpoint: {failure.Message}", failure);
    }
}
