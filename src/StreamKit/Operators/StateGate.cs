using StreamKit.Elements;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>
/// Stands before an operator whose keys may not have their values in memory. A batch passes when they are there; until then it waits, and all that comes behind it,
/// so that order is kept. Owned by the operator's thread.
/// </summary>
internal sealed class StateGate<T>(Residency residency, IWaitsForState<T> behind)
{
    private readonly Queue<Batch<T>> _waiting = new();
    private Batch<T>? _next;
    private bool _isSuspended;

    /// <summary>True when nothing waits.</summary>
    public bool IsCaughtUp => _next is null && !_isSuspended && _waiting.Count == 0;

    /// <summary>True when more may come.</summary>
    public bool IsReady => IsCaughtUp && residency.HasRoom;

    /// <summary>When the operator is to be woken: at once when what it waits for is there, or something that it will need.</summary>
    public long NextWake => residency.HasLoaded || (residency.HasWarm && IsCaughtUp) ? 0 : long.MaxValue;

    /// <summary>Takes a batch over.</summary>
    public void Receive(Batch<T> batch)
    {
        if (IsCaughtUp)
            Pass(batch);
        else
            _waiting.Enqueue(batch);
    }

    /// <summary>The operator cannot go on before state is loaded, or has begun something that it cannot end before that.</summary>
    public void Suspend() => _isSuspended = true;

    /// <summary>Goes on as far as possible, if what was waited for is there.</summary>
    public void Continue()
    {
        if (IsCaughtUp)
        {
            residency.TakeWarm();
            return;
        }

        if (!residency.TryFinish())
            return;
        if (_next is { } next)
        {
            _next = null;
            behind.Take(next);
        }

        while (TryResume() && _waiting.TryDequeue(out Batch<T>? batch))
            Pass(batch);
    }

    private bool TryResume()
    {
        if (_isSuspended)
            _isSuspended = !behind.TryFinish();
        return !_isSuspended && _next is null;
    }

    private void Pass(Batch<T> batch)
    {
        if (batch.Count == 0 || behind.TryPrepare(batch))
            behind.Take(batch);
        else
            _next = batch;
    }
}
