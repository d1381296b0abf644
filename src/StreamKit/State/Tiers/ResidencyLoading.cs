using System.Runtime.ExceptionServices;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <content>How keys come back: all that a batch misses are looked up together, in the local store, and from the segments of checkpoints what that does not know.</content>
internal sealed partial class Residency
{
    private readonly List<int> _fromHome = [];
    private readonly PooledBufferWriter _converted = new();
    private HomeTier? _home;
    private HomeReadBatch? _homeReads;
    private bool _homeHoldsRows;
    private Task _reading = Task.CompletedTask;
    private Exception? _failure;
    private bool _isLoading;
    private bool _hasLoaded;
    private long _passedOn;

    /// <summary>True when what was waited for is there, and <see cref="TryFinish"/> is to be called.</summary>
    public bool HasLoaded => Volatile.Read(ref _hasLoaded);

    /// <summary>
    /// Has keys that are not in memory read from the segments of checkpoints. Before the first batch, and when what has to be in memory has been loaded: its keys
    /// may have more.
    /// </summary>
    /// <param name="home">The segments.</param>
    /// <param name="isLoaded">True when the keys that are there have all their values.</param>
    public void Mount(HomeTier home, bool isLoaded)
    {
        _home = home;
        _homeReads = new HomeReadBatch(StateIds);
        _homeHoldsRows = !isLoaded && home.View.Count > 0;
        for (int slot = 0; slot < _state.SlotEnd; slot++)
        {
            // A slot that nothing holds has a key all the same: its row may have expired, and others of it may not.
            _notes[slot] = SlotNotes.Used | (_state.IsHeld(slot) ? SlotNotes.Below : 0) | (isLoaded ? 0 : SlotNotes.Away);
            if (isLoaded)
                HotKeys++;
        }
    }

    /// <summary>Reads from the home tier see all of a cut from now on: the local store need not keep it. From any thread.</summary>
    public void PassOn(long cut)
    {
        Volatile.Write(ref _passedOn, cut);
        _setup.Notify();
    }

    /// <summary>Ends a loading that took a while, if there is one.</summary>
    /// <returns>False when it is not over yet.</returns>
    public bool TryFinish()
    {
        if (!_isLoading)
            return true;
        if (!Volatile.Read(ref _hasLoaded))
            return false;
        _isLoading = _hasLoaded = false;
        if (_failure is { } failure)
            ExceptionDispatchInfo.Throw(_setup.Explain(failure));
        InstallFromHome();
        EndLoading();
        return true;
    }

    private bool TryLoadMissing()
    {
        PassOn();
        _fromHome.Clear();
        if (_store is not null)
            ReadLocal(_store);
        else if (_home is not null)
            _fromHome.AddRange(_missing);

        if (_fromHome.Count > 0 && !TryReadHome(_home ?? throw new StreamKitException($"The local store '{_setup.Name}' has dropped rows that no checkpoint is read for.")))
            return false;
        EndLoading();
        return true;
    }

    private void EndLoading()
    {
        foreach (int slot in _missing)
        {
            _notes[slot] &= ~(SlotNotes.Missing | SlotNotes.Away);
            HotKeys++;
        }

        _missing.Clear();
    }

    private bool TryReadHome(HomeTier home)
    {
        HomeReadBatch reads = _homeReads!; // made with the home tier
        reads.Clear();
        foreach (int slot in _fromHome)
        {
            _key.Clear();
            _state.WriteKey(slot, _key);
            reads.Add(_state.KeyGroupAt(slot), _key.WrittenSpan);
        }

        ValueTask reading = home.ReadAsync(reads, _setup.Stopping);
        if (reading.IsCompletedSuccessfully)
        {
            InstallFromHome();
            return true;
        }

        _isLoading = true;
        _reading = WatchAsync(reading);
        return false;
    }

    /// <summary>Tells the task when the rows are there; never fails itself.</summary>
    private async Task WatchAsync(ValueTask reading)
    {
        try
        {
            await reading;
        }
        catch (Exception cause)
        {
            _failure = cause;
        }

        Volatile.Write(ref _hasLoaded, true);
        _setup.Notify();
    }

    private void InstallFromHome()
    {
        for (int i = 0; i < _fromHome.Count; i++)
            Install(_fromHome[i], _homeReads!, i); // made with the home tier
    }

    private void Install(int slot, HomeReadBatch reads, int key)
    {
        int keyGroup = _state.KeyGroupAt(slot);
        bool found = false;
        foreach (HomeRow row in reads.Rows(key))
        {
            ReadOnlySpan<byte> value = _state.Schemas.Of(row.SchemaGeneration) is { } older ? older.Convert(row.StateId, row.SubKey, row.Value, _converted) : row.Value;
            _state.TableOf(row.StateId)?.Load(slot, keyGroup, row.SubKey, value);
            found = true;
        }

        if (!found)
            return;
        MarkStored(slot);
        _notes[slot] |= SlotNotes.Below;
    }

    private void ReadLocal(ILocalStore store)
    {
        WriteDeletes();
        LocalReadBatch reads = _reads!; // made with the store
        reads.Clear();
        foreach (int slot in _missing)
        {
            _key.Clear();
            _state.WriteKey(slot, _key);
            reads.Add(_key.WrittenSpan);
        }

        store.Read(reads);
        for (int i = 0; i < _missing.Count; i++)
        {
            switch (reads.Status(i))
            {
                case not LocalRowStatus.Absent when _deletes.Contains(reads, i):
                    break;
                case LocalRowStatus.Found:
                    Install(_missing[i], reads.Value(i));
                    break;
                case LocalRowStatus.Dropped:
                    _fromHome.Add(_missing[i]);
                    break;
            }
        }
    }

    private void Install(int slot, ReadOnlySpan<byte> rows)
    {
        Learn(rows.Length);
        int keyGroup = _state.KeyGroupAt(slot);
        while (LocalRows.TryRead(ref rows, out int stateId, out ReadOnlySpan<byte> subKey, out ReadOnlySpan<byte> value))
            _state.TableOf(stateId)?.Load(slot, keyGroup, subKey, value);
        MarkStored(slot);
        _notes[slot] |= SlotNotes.Below;
        _current.Add(slot);
    }

    private void PassOn()
    {
        long cut = Volatile.Read(ref _passedOn);
        if (cut <= _committedCut || _warmUp is not null)
            return; // what is read ahead is older than what the store would drop
        _committedCut = cut;
        _isFull = false;
        _store!.Committed(cut); // it made the cut
    }
}
