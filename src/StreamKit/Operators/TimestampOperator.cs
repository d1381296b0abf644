using StreamKit.Elements;
using StreamKit.Time;

namespace StreamKit.Operators;

/// <summary>
/// A watermark strategy that is not directly behind a source: replaces timestamps and watermarks of its input by its own.
/// Only the end of input passes as it is.
/// </summary>
internal sealed class TimestampOperator<T>(WatermarkStrategy<T> strategy) : Operator<T, T>
{
    private readonly long _idleTimeout = strategy.IdleTimeout is { } timeout ? timeout.Ticks / TimeSpan.TicksPerMillisecond : long.MaxValue;
    private WatermarkProgress<T>? _progress;
    private long _sent = EventTime.None;
    private long _idleAt = long.MaxValue;
    private bool _isSilent;
    private bool _isInputIdle;
    private bool _isOutputIdle;

    public override long NextWake => _idleAt;

    private WatermarkProgress<T> Progress => _progress ?? throw new InvalidOperationException("The operator is not open.");

    public override void Receive(Batch<T> batch)
    {
        if (batch.Count > 0)
        {
            Services.Metrics.AddIn(batch.Count);
            _isSilent = false;
            _isInputIdle = false;
            TellIdleness();
            Process(batch);
            Arm();
        }

        var ends = batch.Watermark == EventTime.End;
        var reached = ends ? EventTime.End : Progress.Watermark;
        batch.Watermark = EventTime.None;
        if (reached > _sent)
        {
            batch.Watermark = _sent = reached;
            Services.Metrics.SetWatermark(reached);
        }

        if (ends)
            _idleAt = long.MaxValue;
        if (batch.Control is CheckpointBarrier)
            Services.Contribute(Cut());

        var idles = batch.Control == Control.Idle;
        var tells = idles || batch.Control == Control.Active;
        if (tells)
            batch.Control = null;
        if (batch.IsEmpty)
            BatchPool<T>.Return(batch);
        else
            Output.Send(batch);

        if (tells)
        {
            _isInputIdle = idles;
            TellIdleness();
        }
    }

    public override void OnWake(long now)
    {
        if (now < _idleAt)
            return;
        _idleAt = long.MaxValue;
        _isSilent = true;
        TellIdleness();
    }

    protected override void OnOpen()
    {
        _progress = strategy.CreateProgress(Services.OperatorName, Services.RestoredWatermark);
        if (Services.RestoredWatermark != EventTime.End)
            Arm();
    }

    protected override void Process(Batch<T> batch) => Progress.Advance(batch);

    protected override OperatorCut Cut() => new() { OperatorName = Services.OperatorName, Watermark = Math.Max(_sent, Progress.Watermark) };

    /// <summary>The output is idle while the input says so, or has been silent for too long.</summary>
    private void TellIdleness()
    {
        var isIdle = _isSilent || _isInputIdle;
        if (isIdle == _isOutputIdle)
            return;
        _isOutputIdle = isIdle;
        Output.Complete(EventTime.None, isIdle ? Control.Idle : Control.Active);
    }

    private void Arm()
    {
        if (_idleTimeout != long.MaxValue)
            _idleAt = Services.Now + _idleTimeout;
    }
}
