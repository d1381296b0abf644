using StreamKit.Elements;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>What goes no further: sinks have no output.</summary>
internal readonly struct Nothing;

/// <summary>
/// Writes records to a sink. While the sink is busy (a flush is under way), the task brings no new input; what still comes from inside the chain waits in order.
/// </summary>
internal sealed class SinkOperator<T>(Sink<T> sink) : Operator<T, Nothing>
{
    private readonly Queue<Batch<T>> _queue = new();
    private readonly Queue<TaskCompletionSource<DeferredCut>> _cuts = new();
    private SinkWriter<T>? _writer;
    private OperatorLists? _lists;
    private Task _working = Task.CompletedTask;
    private Exception? _failure;
    private bool _isBusy;
    private bool _isDone;
    private Task _preparing = Task.CompletedTask;

    public override bool IsReady => !_isBusy && _queue.Count == 0;

    public override long NextWake => Volatile.Read(ref _isDone) ? 0 : long.MaxValue;

    private SinkWriter<T> Writer => _writer!; // made in OnOpen

    public override void Receive(Batch<T> batch)
    {
        Services.Metrics.AddIn(batch.Count);
        RaiseWatermark(batch.Watermark);
        if (batch.Control is CheckpointBarrier)
        {
            var deferred = new TaskCompletionSource<DeferredCut>(TaskCreationOptions.RunContinuationsAsynchronously);
            _cuts.Enqueue(deferred);
            Services.Contribute(new OperatorCut { OperatorName = Services.OperatorName, Watermark = Watermark, Deferred = deferred.Task });
        }

        _queue.Enqueue(batch);
        WorkOff();
    }

    public override void OnWake(long now)
    {
        if (!Volatile.Read(ref _isDone))
            return;
        _isDone = false;
        _isBusy = false;
        if (_failure is { } failure)
            throw Services.Explain(failure);
        WorkOff();
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var cut in _cuts)
            cut.TrySetCanceled();
        if (_writer is null)
            return;
        await _working;
        await _preparing;
        await _writer.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void OnOpen()
    {
        _lists = new OperatorLists(Services);
        var context = new SinkContext(
            Services.OperatorName, Services.JobId, Services.Claim, Services.Subtask, Services.Parallelism,
            Services.IsDurable, Services.TimeProvider, Services.Logger, Services.Serializers, _lists);
        _writer = sink.CreateWriter(context);
    }

    protected override void Process(Batch<T> batch)
    {
        var values = batch.Span;
        var at = 0;
        try
        {
            Writer.Write(values, batch.TimestampSpan, ref at);
        }
        catch (Exception cause) when ((uint)at < (uint)values.Length)
        {
            throw Services.Explain(cause, values[at]);
        }
    }

    private void WorkOff()
    {
        while (!_isBusy && _queue.TryDequeue(out var batch))
        {
            try
            {
                if (batch.Count > 0)
                    Process(batch);
                var control = batch.Control;
                var written = batch.Count > 0;
                BatchPool<T>.Return(batch);
                if (control is CheckpointBarrier)
                    WaitFor(PrepareAsync(_cuts.Dequeue(), written));
                else if (written)
                    WaitFor(Writer.FlushAsync(Services.Stopping));
            }
            catch (Exception cause)
            {
                throw Services.Explain(cause);
            }
        }
    }

    /// <summary>Flushes and begins the preparation; completes when the writer may be written to again, which is before the preparation ends.</summary>
    private async ValueTask PrepareAsync(TaskCompletionSource<DeferredCut> cut, bool flush)
    {
        try
        {
            if (flush)
                await Writer.FlushAsync(Services.Stopping);
            await _preparing;
            var lists = _lists!.Save(); // made in OnOpen
            _preparing = CompleteAsync(cut, Writer.PrepareCommitAsync(Services.Stopping), lists);
        }
        catch (Exception cause)
        {
            cut.TrySetException(Services.Explain(cause));
            throw;
        }
    }

    private async Task CompleteAsync(TaskCompletionSource<DeferredCut> cut, ValueTask<IReadOnlyList<Committable>> prepared, IReadOnlyDictionary<string, ListSnapshot>? lists)
    {
        try
        {
            cut.TrySetResult(new DeferredCut(await prepared, lists));
        }
        catch (Exception cause)
        {
            cut.TrySetException(Services.Explain(cause));
        }
    }

    private void WaitFor(ValueTask work)
    {
        if (work.IsCompletedSuccessfully)
            return;
        _isBusy = true;
        _working = WatchAsync(work);
    }

    /// <summary>Tells the task when the work is over; never fails itself.</summary>
    private async Task WatchAsync(ValueTask work)
    {
        try
        {
            await work;
        }
        catch (Exception cause)
        {
            _failure = cause;
        }

        Volatile.Write(ref _isDone, true);
        Services.Notify();
    }
}
