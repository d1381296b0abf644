using StreamKit.Elements;

namespace StreamKit.Runtime;

/// <summary>All inputs of a task, whatever their type.</summary>
internal abstract class TaskInput
{
    /// <summary>True when every input has ended and the end went down the chain.</summary>
    public bool HasEnded { get; protected set; }

    /// <summary>Takes one batch from an input that is not blocked, and sends it down the chain.</summary>
    /// <returns>False when there is none.</returns>
    public abstract bool TryProcess();
}

/// <summary>
/// Reads the input channels in turn, aligns barriers, merges watermarks, and calls the head of the chain. An input that waits for a barrier's alignment is
/// skipped: its channel fills, and stalls only its own producer.
/// </summary>
internal sealed class TaskInput<T>(IReadOnlyList<InputChannel<T>> channels, Receiver<T> head, Action<CheckpointBarrier> barrierPassed, long restoredWatermark) : TaskInput
{
    private readonly BarrierAligner _aligner = new(channels.Count);
    private readonly WatermarkMerger _merger = new(channels.Count, restoredWatermark);
    private int _next;
    private bool _idle;

    public override bool TryProcess()
    {
        for (var tried = 0; tried < channels.Count; tried++)
        {
            var input = _next;
            _next = _next + 1 == channels.Count ? 0 : _next + 1;
            if (_aligner.IsBlocked(input) || !channels[input].TryRead(out var batch))
                continue;
            Process(input, batch);
            return true;
        }

        return false;
    }

    private void Process(int input, Batch<T> batch)
    {
        var control = batch.Control;
        batch.Control = null;
        var risen = batch.Watermark != EventTime.None && _merger.Advance(input, batch.Watermark);
        if (control is not null)
        {
            risen |= Take(input, control, out var passing);
            batch.Control = passing;
        }

        batch.Watermark = risen ? _merger.Current : EventTime.None;
        if (batch.Control is null && _idle != _merger.IsIdle)
        {
            _idle = _merger.IsIdle;
            batch.Control = _idle ? Control.Idle : Control.Active;
        }

        var barrier = batch.Control as CheckpointBarrier;
        head.Receive(batch);
        if (barrier is not null)
            barrierPassed(barrier);
    }

    /// <summary>Takes note of a control.</summary>
    /// <returns>True when the watermark has risen by it.</returns>
    private bool Take(int input, Control control, out Control? passing)
    {
        passing = null;
        if (control is CheckpointBarrier barrier)
        {
            passing = _aligner.OnBarrier(input, barrier.Id) ? barrier : null;
            return false;
        }

        if (control != Control.End)
            return _merger.SetIdle(input, control == Control.Idle);
        var risen = _merger.End(input);
        HasEnded = _merger.IsEnded;
        passing = HasEnded ? Control.End : null;
        return risen;
    }
}
