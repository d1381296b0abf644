using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// Which keys of an operator and subtask have their values in memory. When its share of the job's memory is used, the keys that were not used for longest
/// leave, found by a clock over the slots; when they are used again, they are loaded, all those of a batch together. Owned by the thread of its <see cref="KeyedState"/>.
/// </summary>
/// <remarks>
/// A key leaves as one row of the local store with all its values. What has changed since the last cut goes into the <see cref="Spill"/>, too, from which the next
/// cut takes it. The key's slot is given up if nothing else, such as a timer, holds it; otherwise it is noted as away.
/// Keys leave between batches only, and only while no cut wants anything in memory.
/// </remarks>
internal sealed partial class Residency : IAsyncDisposable
{
    /// <summary>About a millisecond's work, and more than a batch can bring in.</summary>
    private const int MostPerTrim = 1024;

    /// <summary>So much is put together before it is written, however large single keys are.</summary>
    private const int MostBytesPerTrim = 4 << 20;

    /// <summary>How far the hand goes for each key that is to leave, before the rest is left to the next batch.</summary>
    private const int StepsPerKey = 4;

    private const int SmallestSpillBuffer = 64 << 10;
    private const int LargestSpillBuffer = 4 << 20;

    private readonly KeyedState _state;
    private readonly ResidencySetup _setup;
    private readonly List<(StateTable Table, ISlotCells Cells)> _cells;
    private readonly SlotArray<SlotNotes> _notes = new();
    private readonly List<int> _missing = [];
    private readonly List<int> _leaving = [];
    private readonly LocalWriteBatch _writes = new();
    private readonly LocalWriteBatch _deletes = new();
    private readonly LocalRows _rows = new();
    private readonly SlotSet _current = new();
    private readonly PooledBufferWriter _key = new();
    private readonly Spill? _spill;
    private readonly int _placeBytes;
    private readonly bool _holdsObjects;
    private SpilledRows? _spilled;
    private ILocalStore? _store;
    private LocalReadBatch? _reads;
    private int _hand;
    private long _lastCut;
    private long _committedCut;
    private bool _isFull;

    public Residency(KeyedState state, ResidencySetup setup)
    {
        _state = state;
        _setup = setup;
        _cells = [.. state.Tables.Where(static table => table.Cells is not null).Select(static table => (table, table.Cells!))]; // filtered
        _placeBytes = state.KeyBytes + sizeof(SlotNotes) + _cells.Sum(static each => each.Cells.PlaceBytes);
        _holdsObjects = _cells.Exists(static each => each.Cells.HoldsObjects);
        int buffer = (int)Math.Clamp(setup.HotBytes / 16, SmallestSpillBuffer, LargestSpillBuffer);
        _spill = setup.IsDurable && setup.Local is { } local ? new Spill(new SpillFiles(local.Folder, setup.Part, state.KeySchema.Fingerprint), state.Range, buffer, setup.Run) : null;
    }

    /// <summary>Keys whose values are in memory.</summary>
    public int HotKeys { get; private set; }

    /// <summary>About so much memory keys and values take.</summary>
    public long UsedBytes => ((long)_state.LiveKeys * _placeBytes) + (HotKeys * BytesOfObjects);

    /// <summary>
    /// False while the operator is to take no more input: a cut that is being written keeps everything in memory, or the local store waits for a checkpoint to
    /// be committed. The task is notified when that ends.
    /// </summary>
    public bool HasRoom => _setup.Local is null || (!(_isFull && IsCommitUnderWay) && !(_state.HasUnsettledCut && Excess > _setup.HotBytes / 2));

    /// <summary>Whether room in the local store may come by waiting: older rows may be dropped then, or files with changed rows go.</summary>
    private bool IsCommitUnderWay => _state.HasOpenCut && (_home is not null || _spilled is not null);

    /// <summary>Called on any thread when a cut needs nothing of the memory any more.</summary>
    public Action Captured => _setup.Notify;

    /// <summary>A key has got a slot.</summary>
    public void Created(int slot)
    {
        _notes[slot] = SlotNotes.Used | SlotNotes.Missing;
        _missing.Add(slot);
    }

    /// <summary>Has everything loaded that slots just resolved need.</summary>
    /// <returns>False when that takes a while.</returns>
    public bool TryLoad(ReadOnlySpan<int> slots)
    {
        foreach (int slot in slots)
        {
            SlotNotes notes = _notes[slot];
            if ((notes & (SlotNotes.Away | SlotNotes.Missing | SlotNotes.Touched)) == 0)
            {
                _notes[slot] = notes | SlotNotes.Touched;
            }
            else if ((notes & (SlotNotes.Away | SlotNotes.Missing)) == SlotNotes.Away)
            {
                _notes[slot] = notes | SlotNotes.Missing;
                _missing.Add(slot);
            }
        }

        return _missing.Count == 0 || TryLoadMissing();
    }

    /// <summary>Has keys leave memory until the rest fits, as far as that is not too much at once. Between batches.</summary>
    public void Trim()
    {
        if (_setup.Local is null)
            return;
        if (_holdsObjects && _state.LiveKeys >= _nextSample)
            Sample();
        PassOn();
        WriteDeletes();
        if (_deletes.Count > 0)
            return; // they come before newer rows of their keys
        long excess = Excess;
        if (excess <= 0)
            return;
        WarnOfHeld();
        Choose((int)Math.Min(MostPerTrim, (excess / (_placeBytes + BytesOfObjects)) + 1));
        if (_leaving.Count > 0)
            Leave();
    }

    /// <summary>A slot is kept although it is empty, until the segments know: they have, or will have, rows of it.</summary>
    public void Keep(int slot) => _notes[slot] |= SlotNotes.Below;

    /// <summary>Whether an empty slot may be given up: not where the tiers below would bring its key back, and cannot be told.</summary>
    public bool CanForget(int slot) => _home is null || _setup.Local is not null || (_notes[slot] & SlotNotes.Below) == 0;

    /// <summary>A slot is given up.</summary>
    public void Forget(int slot)
    {
        SlotNotes notes = _notes[slot];
        _notes[slot] = SlotNotes.None;
        _current.Remove(slot);
        if ((notes & SlotNotes.Away) != 0)
            return;
        HotKeys--;
        if ((notes & SlotNotes.Below) == 0 || _setup.Local is null)
            return;
        _state.WriteKey(slot, _deletes.Bytes);
        _deletes.EndKey();
        _deletes.EndRow();
    }

    /// <summary>A cut begins; at the barrier.</summary>
    /// <returns>The changed rows that have left memory since the last one; null while none ever has.</returns>
    public SpilledRows? Cut()
    {
        if (_store is null)
            return null;
        WriteDeletes();
        _lastCut = _store.Cut();
        _current.Clear();
        return _spilled = _spill?.Take();
    }

    /// <summary>What <see cref="PassOn(long)"/> is to be told of the cut that has just begun.</summary>
    public long LastCut => _lastCut;

    /// <summary>A cut is over.</summary>
    public void Finish(KeyedStateCut cut)
    {
        if (cut.Spilled is not { } spilled)
            return;
        _spilled = null;
        if (cut.IsStored)
            spilled.Dispose();
        else
            _spill!.TakeBack(spilled); // who gave it
        _store?.Reserve(_spill!.Bytes);
    }

    /// <summary>When no cut is being written any more, and the task has stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        await _reading;
        await _warming;
        _spilled?.Dispose();
        if (_spill is not null)
            await _spill.DisposeAsync();
        _store?.Dispose();
        _rows.Dispose();
        _key.Dispose();
        _converted.Dispose();
        _writes.Dispose();
        _deletes.Dispose();
    }

    private void MarkStored(int slot)
    {
        if (!_setup.IsDurable)
            return; // there are no segments to be told
        foreach ((_, ISlotCells cells) in _cells)
            cells.MarkStored(slot);
    }

    /// <summary>The clock: who was used since the hand last came by has another round.</summary>
    private void Choose(int wanted)
    {
        _leaving.Clear();
        int end = _state.SlotEnd;
        for (int steps = Math.Min(end, (wanted * StepsPerKey) + MostPerTrim); steps > 0 && wanted > 0; steps--)
        {
            if (_hand >= end)
                _hand = 0;
            int slot = _hand++;
            SlotNotes notes = _notes[slot];
            if ((notes & SlotNotes.Touched) != 0)
                _notes[slot] = notes & ~SlotNotes.Touched;
            else if ((notes & (SlotNotes.Used | SlotNotes.Away)) == SlotNotes.Used && _state.IsHeld(slot))
            {
                wanted--;
                if (IsCurrentBelow(slot))
                    Evict(slot);
                else
                    _leaving.Add(slot);
            }
        }
    }

    /// <summary>Whether the tiers below have the values as they are: loaded from there since the last cut, which forgets changes, and not changed. What the store drops, segments have.</summary>
    private bool IsCurrentBelow(int slot)
    {
        if (!_current.Has(slot))
            return false;
        foreach ((_, ISlotCells cells) in _cells)
        {
            if (cells.IsChanged(slot))
                return false;
        }

        return true;
    }

    private void Evict(int slot)
    {
        foreach ((_, ISlotCells cells) in _cells)
            cells.Evict(slot);
        _current.Remove(slot);
        _notes[slot] = SlotNotes.Used | SlotNotes.Away | SlotNotes.Below;
        HotKeys--;
    }

    private void Leave()
    {
        _writes.Clear();
        _rows.Output = _writes.Bytes;
        foreach (int slot in _leaving)
        {
            if (_writes.Bytes.WrittenCount > MostBytesPerTrim)
                break;
            _state.WriteKey(slot, _writes.Bytes);
            _writes.EndKey();
            int start = _writes.Bytes.WrittenCount;
            WriteRows(slot);
            Learn(_writes.Bytes.WrittenCount - start);
            _writes.EndRow();
        }

        Write(_writes);
        for (int i = 0; i < _writes.Written; i++)
        {
            int slot = _leaving[i];
            WriteChanges(slot, _writes.KeyMemory(i));
            Evict(slot);
            _spill?.WriteIfFull();
        }

        if (_spill is not null)
            _store!.Reserve(_spill.Bytes); // just written to
    }

    private void WriteRows(int slot)
    {
        foreach ((StateTable table, ISlotCells cells) in _cells)
        {
            _rows.StateId = table.Id;
            try
            {
                cells.WriteAll(slot, _rows);
            }
            catch (Exception cause)
            {
                throw new StreamKitException($"State '{table.Name}' holds a value that cannot leave memory, because it cannot be serialized: {cause.Message}", cause);
            }
        }
    }

    private void WriteChanges(int slot, ReadOnlyMemory<byte> key)
    {
        if (_spill is null)
            return;
        SpillBuffer buffer = _spill.Buffer;
        buffer.KeyGroup = _state.KeyGroupAt(slot);
        buffer.Key = key;
        foreach ((StateTable table, ISlotCells cells) in _cells)
        {
            buffer.StateId = table.Id;
            buffer.BeginGroup();
            cells.WriteChanged(slot, buffer);
            buffer.EndGroup();
        }
    }

    private void WriteDeletes()
    {
        if (_deletes.Count == 0)
            return;
        Write(_deletes);
        if (_deletes.Written == _deletes.Count)
            _deletes.Clear();
    }

    /// <summary>Writes what the store takes. When it is full, the rest stays in memory until a checkpoint lets it drop older rows; if none can, that is the end.</summary>
    private void Write(LocalWriteBatch rows)
    {
        ILocalStore store = _store ??= OpenStore();
        try
        {
            store.Write(rows);
            _isFull = false;
        }
        catch (LocalStoreFullException) when (_warmUp is not null)
        {
            GiveUpWarmUp();
            PassOn();
            Write(rows);
        }
        catch (LocalStoreFullException) when (_setup.IsDurable && (IsCommitUnderWay || Excess < _setup.HotBytes))
        {
            _isFull = true;
        }
    }

    private ILocalStore OpenStore()
    {
        ILocalStore store = _setup.Local!.OpenStore(_setup.Name, _homeHoldsRows); // without one, nothing is written
        _reads = store.CreateReadBatch();
        return store;
    }
}
