using StreamKit.Elements;
using StreamKit.State;
using StreamKit.Time;

namespace StreamKit.Operators;

/// <summary>
/// Reads this subtask's splits in turn. Each split has a watermark of its own; the smallest of those that are not idle and not finished goes down the chain.
/// A split that is not open yet holds the watermark back, so its records are never late for the others' sake.
/// </summary>
internal sealed class SourceOperator<T>(Source<T> source, WatermarkStrategy<T>? strategy) : ISourceOperator
{
    /// <summary>Enough to keep one thread busy while reads wait; each costs a file handle and two batches. Only splits that end can wait for others.</summary>
    private const int MaxOpenBoundedSplits = 16;

    private readonly List<OpenSplit<T>> _open = [];
    private readonly Queue<SplitState> _waiting = new();
    private readonly List<SplitState> _finished = [];
    private readonly List<(OutputTag Tag, object? Value)> _side = [];
    private readonly List<Task> _closing = [];
    private OperatorServices? _services;
    private OperatorOutput<T>? _output;
    private SourceContext? _context;
    private long _watermark = EventTime.None;
    private int _next;
    private bool _idle;
    private bool _ended;
    private bool _stopped;

    public string Name => Services.OperatorName;

    public KeyedState? Keyed => null;

    public bool IsReady => true;

    public long NextWake { get; private set; } = long.MaxValue;

    private OperatorServices Services => _services ?? throw new InvalidOperationException("The source is not open.");

    private OperatorOutput<T> Output => _output ?? throw new InvalidOperationException("The source is not connected.");

    private long IdleTimeout => strategy?.IdleTimeout is { } timeout ? (long)timeout.TotalMilliseconds : 0;

    public void Connect(OperatorOutput<T> output) => _output = output;

    public void Open(OperatorServices services)
    {
        _services = services;
        _watermark = services.RestoredWatermark;
        _context = new SourceContext(services.OperatorName, services.Parallelism, services.MaxParallelism, services.TimeProvider, services.Logger, services.Serializers);
        services.DeclaredLists.Add(SplitState.ListName);
        foreach (var bytes in services.RestoredLists.GetValueOrDefault(SplitState.ListName)?.Items ?? [])
        {
            var split = SplitState.Load(bytes);
            if (split.Finished)
                _finished.Add(split);
            else
                _waiting.Enqueue(split);
        }

        OpenMore();
    }

    public SourceStatus Poll()
    {
        if (_stopped)
            return SourceStatus.Waiting;
        if (_ended)
            return SourceStatus.Ended;
        try
        {
            return _open.Count == 0 ? End() : ReadNext();
        }
        catch (Exception cause)
        {
            throw Services.Explain(cause);
        }
    }

    public void Emit(CheckpointBarrier barrier)
    {
        _stopped |= barrier.Stops;
        var splits = new List<ReadOnlyMemory<byte>>(_open.Count + _waiting.Count + _finished.Count);
        foreach (var split in _finished)
            splits.Add(split.Save());
        foreach (var split in _open)
            splits.Add(split.State.Save());
        foreach (var split in _waiting)
            splits.Add(split.Save());
        Services.Contribute(new OperatorCut
        {
            OperatorName = Services.OperatorName,
            Watermark = _watermark,
            Lists = SplitState.AsList(splits),
        });
        Output.Complete(EventTime.None, barrier);
    }

    public void OnWake(long now)
    {
        NextWake = long.MaxValue;
        if (_ended)
            return;
        foreach (var split in _open)
        {
            if (now - split.LastRecordAt >= IdleTimeout)
                split.IsIdle = true;
        }

        ScheduleIdleCheck();
        SendWatermark(null);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var split in _open)
            await split.DisposeAsync();
        _open.Clear();
        foreach (var closing in _closing)
            await closing;
    }

    private SourceStatus ReadNext()
    {
        for (var tried = 0; tried < _open.Count; tried++)
        {
            _next = _next < _open.Count - 1 ? _next + 1 : 0;
            var split = _open[_next];
            if (!split.TryRead(_side, out var batch, Services.Stopping))
                continue;
            if (batch!.Count > 0) // set when TryRead is true
                Touch(split);
            if (split.State.Finished)
                Finish(split);
            Send(batch);
            return SourceStatus.Emitted;
        }

        return SourceStatus.Waiting;
    }

    private void Send(Batch<T> batch)
    {
        var timestamp = batch.Count > 0 ? batch.TimestampAt(batch.Count - 1) : EventTime.None;
        foreach (var (tag, value) in _side)
            Output.AddSide(tag, value, timestamp);
        _side.Clear();
        SendWatermark(batch);
    }

    /// <summary>Sends a batch, if there is one, with what is new of the watermark.</summary>
    private void SendWatermark(Batch<T>? batch)
    {
        var lowest = EventTime.End;
        var active = false;
        foreach (var split in _open)
        {
            if (split.IsIdle)
                continue;
            active = true;
            lowest = Math.Min(lowest, split.State.Watermark);
        }

        if (_waiting.Count > 0)
            lowest = EventTime.None;
        var watermark = EventTime.None;
        if (active && lowest > _watermark)
        {
            watermark = _watermark = lowest;
            Services.Metrics.SetWatermark(watermark);
        }

        if (active && _idle)
            Output.Complete(EventTime.None, Control.Active);
        if (batch is { Count: > 0 })
        {
            Output.CompleteSides(watermark, null);
            batch.Watermark = watermark;
            Output.Send(batch);
        }
        else
        {
            if (batch is not null)
                BatchPool<T>.Return(batch);
            Output.Complete(watermark, null);
        }

        if (!active && !_idle && _open.Count > 0)
            Output.Complete(EventTime.None, Control.Idle);
        _idle = !active && _open.Count > 0;
    }

    private SourceStatus End()
    {
        _ended = true;
        _watermark = EventTime.End;
        Output.Complete(EventTime.End, Control.End);
        return SourceStatus.Ended;
    }

    private void Touch(OpenSplit<T> split)
    {
        split.IsIdle = false;
        if (IdleTimeout > 0)
        {
            split.LastRecordAt = Services.Now;
            ScheduleIdleCheck();
        }
    }

    private void Finish(OpenSplit<T> split)
    {
        _finished.Add(split.State);
        _open.Remove(split);
        _closing.RemoveAll(static task => task.IsCompletedSuccessfully);
        _closing.Add(split.DisposeAsync().AsTask());
        OpenMore();
    }

    private void OpenMore()
    {
        var context = _context!; // set in Open
        var limit = source.IsBounded ? MaxOpenBoundedSplits : int.MaxValue;
        while (_open.Count < limit && _waiting.TryDequeue(out var state))
        {
            var split = new OpenSplit<T>(state, source.CreateReader(state.Split, state.Position, context), strategy?.CreateProgress(Services.OperatorName, state.Watermark), Services.Notify);
            _open.Add(split);
            if (IdleTimeout > 0)
                split.LastRecordAt = Services.Now;
        }

        ScheduleIdleCheck();
    }

    private void ScheduleIdleCheck()
    {
        if (IdleTimeout == 0)
            return;
        NextWake = long.MaxValue;
        foreach (var split in _open)
        {
            if (!split.IsIdle)
                NextWake = Math.Min(NextWake, split.LastRecordAt + IdleTimeout);
        }
    }
}
