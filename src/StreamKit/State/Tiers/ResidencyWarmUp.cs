using System.Buffers;
using System.Runtime.ExceptionServices;

namespace StreamKit.State;

/// <content>All keys come to this machine in the end: into memory where it has room for everything, so that nothing is looked up any more, and else into the local store.</content>
internal sealed partial class Residency
{
    private HomeWarmUp? _warmUp;
    private readonly List<int> _unknown = [];
    private Action? _onWarm;
    private Task _warming = Task.CompletedTask;

    /// <summary>The states whose values may be elsewhere than in memory.</summary>
    public IReadOnlyList<int> StateIds => [.. _cells.Select(static each => each.Table.Id)];

    /// <summary>True when <see cref="TakeWarm"/> has something to do.</summary>
    public bool HasWarm => _warmUp is { HasNews: true };

    /// <summary>Has all keys come back, beside the work. Once, behind <see cref="Mount"/>.</summary>
    /// <param name="warmUp">Reads them.</param>
    /// <param name="run">Runs that, as the job's executor does.</param>
    /// <param name="onWarm">Called once when everything is in memory and stays there, on the task's thread; null where there is a local store.</param>
    public void BeginWarmUp(HomeWarmUp warmUp, Func<Func<Task>, Task> run, Action? onWarm)
    {
        (_warmUp, _onWarm) = (warmUp, onWarm);
        _warming = run(warmUp.RunAsync);
    }

    /// <summary>Takes in some of what was read ahead. Between batches, and not while something is being loaded.</summary>
    public void TakeWarm()
    {
        if (_warmUp is not { } warmUp)
            return;
        try
        {
            if (!warmUp.TryTake(out HomeReadBatch batch))
                EndWarmUp(warmUp);
            else if (_setup.Local is null)
                TakeIn(batch);
            else
                TakeIntoStore(batch);
        }
        catch (CheckpointDamagedException cause)
        {
            ExceptionDispatchInfo.Throw(_setup.Explain(cause));
        }
    }

    /// <summary>What is in memory already is newer, or was deleted there.</summary>
    private void TakeIn(HomeReadBatch batch)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            int slot = _state.SlotOf(batch.KeyGroup(i), batch.Key(i));
            if ((_notes[slot] & (SlotNotes.Away | SlotNotes.Missing)) == 0)
                continue;
            Install(slot, batch, i);
            _notes[slot] &= ~(SlotNotes.Away | SlotNotes.Missing);
            HotKeys++;
        }

        _missing.Clear(); // those that have just got their slots
        _state.EndBatch();
    }

    /// <summary>
    /// What is in memory is newer, and so is what the store knows, or what it is still to be told. Anything else is as it was when the job started: the store drops
    /// nothing as long as this goes on.
    /// </summary>
    private void TakeIntoStore(HomeReadBatch batch)
    {
        ILocalStore store = _store ??= OpenStore();
        WriteDeletes();
        LocalReadBatch reads = _reads!; // made with the store
        reads.Clear();
        _unknown.Clear();
        for (int i = 0; i < batch.Count; i++)
        {
            if (_state.TryFind(batch.Key(i), out int slot) && (_notes[slot] & (SlotNotes.Away | SlotNotes.Missing)) == 0)
                continue;
            reads.Add(batch.Key(i));
            _unknown.Add(i);
        }

        store.Read(reads);
        _writes.Clear();
        _rows.Output = _writes.Bytes;
        for (int i = 0; i < _unknown.Count; i++)
        {
            if (reads.Status(i) == LocalRowStatus.Dropped && !_deletes.Contains(reads, i))
                Add(batch, _unknown[i]);
        }

        try
        {
            store.Write(_writes);
        }
        catch (LocalStoreFullException)
        {
            // There is no room for more: what is left is read when it is used.
            GiveUpWarmUp();
            PassOn();
        }
    }

    /// <summary>Adds all rows of a key to what is to be written.</summary>
    private void Add(HomeReadBatch batch, int key)
    {
        _writes.Bytes.Write(batch.Key(key));
        _writes.EndKey();
        foreach (HomeRow row in batch.Rows(key))
        {
            _rows.StateId = row.StateId;
            _rows.Add(row.SubKey, _state.Schemas.Of(row.SchemaGeneration) is { } older ? older.Convert(row.StateId, row.SubKey, row.Value, _converted) : row.Value);
        }

        _writes.EndRow();
    }

    private void GiveUpWarmUp()
    {
        _warmUp?.Stop();
        _warmUp = null;
    }

    private void EndWarmUp(HomeWarmUp warmUp)
    {
        if (!warmUp.IsComplete)
            return; // there is more to come, or damage to be told the next time
        _warmUp = null;
        if (_setup.Local is not null)
            return;
        (_home, _homeReads) = (null, null);
        _state.Detach();
        _onWarm?.Invoke();
    }
}
