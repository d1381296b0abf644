namespace StreamKit.Checkpoints;

/// <summary>
/// Runs what is posted one at a time and in order, on top of a context that may run things in parallel. What awaits in it resumes in
/// it, so its owner needs no locks.
/// </summary>
internal sealed class SerialContext(SynchronizationContext inner) : SynchronizationContext
{
    private readonly Lock _lock = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = [];
    private bool _isScheduled;

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_lock)
        {
            _posted.Enqueue((d, state));
            if (_isScheduled)
            {
                return;
            }

            _isScheduled = true;
        }

        inner.Post(static context => ((SerialContext)context!).Drain(), this); // posted with this context
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new InvalidOperationException("Nothing waits for a serial context; post instead.");

    public override SynchronizationContext CreateCopy() => this;

    private void Drain()
    {
        SynchronizationContext? previous = Current;
        SetSynchronizationContext(this);
        try
        {
            while (TryTake(out (SendOrPostCallback Callback, object? State) next))
            {
                next.Callback(next.State);
            }
        }
        finally
        {
            SetSynchronizationContext(previous);
        }
    }

    private bool TryTake(out (SendOrPostCallback Callback, object? State) next)
    {
        lock (_lock)
        {
            _isScheduled = _posted.TryDequeue(out next);
            return _isScheduled;
        }
    }
}
