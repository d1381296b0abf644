using StreamKit.Elements;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>
/// An operator with one input. A chain is operators calling operators: <see cref="Receive"/> takes a batch over, works on its records, then on the watermark
/// behind them, then on the control behind that, and sends what came of it.
/// </summary>
internal abstract class Operator<TIn, TOut> : Receiver<TIn>, IOperator
{
    private OperatorServices? _services;
    private OperatorOutput<TOut>? _output;

    public virtual KeyedState? Keyed => null;

    public virtual bool CanWaitForState => false;

    public virtual bool IsCaughtUp => true;

    public virtual bool IsReady => true;

    public virtual long NextWake => long.MaxValue;

    public string Name => Services.OperatorName;

    /// <summary>The watermark that holds now; after a restore the one of the checkpoint.</summary>
    public long Watermark { get; private set; } = EventTime.None;

    protected OperatorServices Services => _services ?? throw new InvalidOperationException("The operator is not open.");

    protected OperatorOutput<TOut> Output => _output ?? throw new InvalidOperationException("The operator is not connected.");

    /// <summary>Says where the output goes; called once, before <see cref="Open"/>.</summary>
    public void Connect(OperatorOutput<TOut> output) => _output = output;

    public void Open(OperatorServices services)
    {
        _services = services;
        Watermark = services.RestoredWatermark;
        OnOpen();
    }

    public override void Receive(Batch<TIn> batch)
    {
        var watermark = batch.Watermark;
        var control = batch.Control;
        try
        {
            if (batch.Count > 0)
            {
                Services.Metrics.AddIn(batch.Count);
                Process(batch);
            }

            BatchPool<TIn>.Return(batch);
            RaiseWatermark(watermark);
            Complete(watermark, control);
        }
        catch (Exception cause) when (cause is not OperatorFailedException)
        {
            throw Services.Explain(cause);
        }
    }

    public virtual void OnWake(long now)
    {
    }

    public virtual void OnResidency(Residency residency)
    {
    }

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Takes note of a watermark; for operators that override <see cref="Receive"/> too.</summary>
    protected void RaiseWatermark(long watermark)
    {
        if (watermark <= Watermark)
            return;
        Watermark = watermark;
        Services.Metrics.SetWatermark(watermark);
        OnWatermark(watermark);
    }

    /// <summary>Cuts at a barrier, and sends what came of a batch, with the control behind it.</summary>
    protected void Complete(long watermark, Control? control)
    {
        if (control is CheckpointBarrier)
            Services.Contribute(Cut());
        Output.Complete(watermark, control);
    }

    /// <summary>Works on the records of a batch; the caller keeps the batch.</summary>
    protected abstract void Process(Batch<TIn> batch);

    /// <summary>Makes functions and registers state.</summary>
    protected virtual void OnOpen()
    {
    }

    /// <summary>The watermark has risen; emit what it completes.</summary>
    protected virtual void OnWatermark(long watermark)
    {
    }

    /// <summary>What this operator adds to the checkpoint whose barrier has arrived. Nothing is serialized here.</summary>
    protected virtual OperatorCut Cut() => CutWith(null);

    /// <summary>The same, with list state.</summary>
    protected OperatorCut CutWith(OperatorLists? lists)
    {
        // A checkpoint that timed out may still be writing: this one is declined rather than made to wait.
        var isOpen = Keyed is { HasOpenCut: true };
        return new OperatorCut
        {
            OperatorName = Services.OperatorName,
            Watermark = Watermark,
            Keyed = Services.IsDurable && !isOpen ? Keyed?.Cut() : null,
            Declined = isOpen ? new StreamKitException($"Operator '{Name}' (subtask {Services.Subtask}) is still writing its state for an earlier checkpoint. Raise the checkpoint timeout or interval.") : null,
            Lists = lists?.Save(),
        };
    }
}
