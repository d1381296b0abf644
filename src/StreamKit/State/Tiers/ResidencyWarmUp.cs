using System.Runtime.ExceptionServices;

namespace StreamKit.State;

/// <content>Where memory has room for everything, all keys come back in the end, and nothing is looked up any more.</content>
internal sealed partial class Residency
{
    private HomeWarmUp? _warmUp;
    private Action? _onWarm;
    private Task _warming = Task.CompletedTask;

    /// <summary>The states whose values may be elsewhere than in memory.</summary>
    public IReadOnlyList<int> StateIds => [.. _cells.Select(static each => each.Table.Id)];

    /// <summary>True when <see cref="TakeWarm"/> has something to do.</summary>
    public bool HasWarm => _warmUp is { HasNews: true };

    /// <summary>Has all keys come back, beside the work. Once, behind <see cref="Mount"/>, and only where nothing leaves memory.</summary>
    /// <param name="warmUp">Reads them.</param>
    /// <param name="run">Runs that, as the job's executor does.</param>
    /// <param name="onWarm">Called once when everything is in memory and stays there, on the task's thread.</param>
    public void BeginWarmUp(HomeWarmUp warmUp, Func<Func<Task>, Task> run, Action onWarm)
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
            if (warmUp.TryTake(out HomeReadBatch batch))
                TakeIn(batch);
            else if (warmUp.IsDone)
                Detach();
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

    private void Detach()
    {
        (_warmUp, _home, _homeReads) = (null, null, null);
        _state.Detach();
        _onWarm!(); // given with the warm-up
    }
}
