using StreamKit.Elements;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>Runs a <see cref="KeyedProcessFunction{TKey, TIn, TOut}"/>: keys resolved batch by batch, then the user's code record by record; timers at the watermark or by the clock.</summary>
internal sealed class KeyedProcessOperator<TKey, TIn, TOut>(KeySelector<TIn, TKey> selector, Func<KeyedProcessFunction<TKey, TIn, TOut>> factory) : Operator<TIn, TOut>, IWaitsForState<TIn>
    where TKey : notnull
{
    private readonly TimerTable _timers = new();
    private KeyResolver<TKey, TIn>? _keys;
    private KeyedProcessFunction<TKey, TIn, TOut>? _function;
    private KeyedProcessFunction<TKey, TIn, TOut>.Context? _context;
    private OperatorLists? _lists;
    private StateGate<TIn>? _gate;
    private TimerFiring? _firing;
    private (long Watermark, Control? Control) _unfinished;

    public override KeyedState? Keyed => _keys?.State;

    public override bool CanWaitForState => true;

    public override bool IsCaughtUp => _gate is null or { IsCaughtUp: true };

    public override bool IsReady => _gate is null or { IsReady: true };

    public override long NextWake =>
        _gate is { } gate && (!gate.IsCaughtUp || gate.NextWake == 0) ? gate.NextWake : Watermark == EventTime.End ? long.MaxValue : _timers.ProcessingTime.Next;

    public override void Receive(Batch<TIn> batch)
    {
        if (_gate is { } gate)
            gate.Receive(batch);
        else
            base.Receive(batch);
    }

    public override void OnWake(long now)
    {
        _gate?.Continue();
        if (!IsCaughtUp || _timers.ProcessingTime.Next > now)
            return;
        Fire(_timers.ProcessingTime, TimeDomain.ProcessingTime, now);
        CompleteOrSuspend(EventTime.None, null);
    }

    public override void OnResidency(Residency residency)
    {
        _gate = new StateGate<TIn>(residency, this);
        _firing = new TimerFiring(residency);
    }

    public bool TryPrepare(Batch<TIn> batch) => _keys!.TryPrepare(batch.Span); // made in OnOpen

    public void Take(Batch<TIn> batch)
    {
        var (watermark, control) = (batch.Watermark, batch.Control);
        if (batch.Count > 0)
        {
            Services.Metrics.AddIn(batch.Count);
            Process(batch);
        }

        BatchPool<TIn>.Return(batch);
        RaiseWatermark(watermark);
        CompleteOrSuspend(watermark, control);
    }

    public bool TryFinish()
    {
        var firing = _firing!; // there with the gate
        if (!FireWaiting(firing))
            return false;
        Complete(_unfinished.Watermark, _unfinished.Control);
        return true;
    }

    public override ValueTask DisposeAsync()
    {
        var function = _function;
        _function = null;
        function?.Close();
        return base.DisposeAsync();
    }

    protected override void OnOpen()
    {
        _keys = new KeyResolver<TKey, TIn>(selector, Services);
        var state = _keys.State;
        state.AddTable(_timers);
        _function = factory() ?? throw new StreamKitException($"The factory of operator '{Services.OperatorName}' returned null. Return a new function each time.");
        _context = new KeyedProcessFunction<TKey, TIn, TOut>.Context(state, new TimerService(_timers, state), Output, Services);
        var handles = new KeyedStateContext(state, Services.Serializers);
        var context = new OperatorContext(Services, handles);
        _function.Open(context);
        handles.Close();
        _lists = context.Lists;
    }

    protected override void Process(Batch<TIn> batch)
    {
        var keys = _keys!; // made in OnOpen, as the next two
        var function = _function!;
        var context = _context!;
        var state = keys.State;
        var values = batch.Span;
        var slots = keys.Resolve(values)[..values.Length];
        context.Watermark = Watermark;
        var at = 0; // not the loop's own variable: one that a catch block reads lives on the stack
        try
        {
            for (var i = 0; i < values.Length; i++)
            {
                at = i;
                state.CurrentSlot = slots[i];
                context.Timestamp = batch.TimestampAt(i);
                function.Process(values[i], context);
            }
        }
        catch (Exception cause)
        {
            throw Services.Explain(cause, values[at]);
        }

        state.EndBatch();
    }

    protected override void OnWatermark(long watermark)
    {
        _context!.Watermark = watermark; // made in OnOpen
        Fire(_timers.EventTime, TimeDomain.EventTime, watermark);
    }

    protected override OperatorCut Cut() => CutWith(_lists);

    private void Fire(TimerQueue queue, TimeDomain domain, long through)
    {
        if (queue.Next > through)
            return;
        if (_firing is { } firing)
        {
            firing.Begin(queue, domain, through);
            FireWaiting(firing);
            return;
        }

        var state = _keys!.State; // made in OnOpen, as the next two
        var context = _context!;
        var function = _function!;
        context.TimeDomain = domain;
        var timestamp = 0L;
        try
        {
            while (queue.TryTake(through, out timestamp, out var timers))
            {
                context.Timestamp = domain == TimeDomain.EventTime ? timestamp : EventTime.None;
                foreach (var timer in timers)
                {
                    var slot = TimerBucket.SlotOf(timer);
                    state.Enter(slot);
                    function.OnTimer(timestamp, context);
                    queue.Done(slot);
                }
            }
        }
        catch (Exception cause) when (state.CurrentSlot >= 0)
        {
            throw ExplainFiring(cause, domain, timestamp);
        }

        state.EndBatch();
    }

    /// <summary>As <see cref="Fire"/>, where the values of keys may have to be loaded first.</summary>
    /// <returns>False when that takes a while.</returns>
    private bool FireWaiting(TimerFiring firing)
    {
        var state = _keys!.State; // made in OnOpen, as the next two
        var context = _context!;
        var function = _function!;
        context.TimeDomain = firing.Domain;
        try
        {
            while (firing.TryNext(out var slots))
            {
                if (slots.IsEmpty)
                    return false;
                context.Timestamp = firing.Domain == TimeDomain.EventTime ? firing.Timestamp : EventTime.None;
                foreach (var slot in slots)
                {
                    state.Enter(slot);
                    function.OnTimer(firing.Timestamp, context);
                    firing.Queue.Done(slot);
                }

                state.EndBatch();
            }
        }
        catch (Exception cause) when (state.CurrentSlot >= 0)
        {
            throw ExplainFiring(cause, firing.Domain, firing.Timestamp);
        }

        return true;
    }

    private void CompleteOrSuspend(long watermark, Control? control)
    {
        if (_firing is null or { IsDone: true })
        {
            Complete(watermark, control);
            return;
        }

        _unfinished = (watermark, control);
        _gate!.Suspend(); // there with the firing
    }

    private Exception ExplainFiring(Exception cause, TimeDomain domain, long timestamp)
    {
        var state = _keys!.State; // made in OnOpen
        var kind = domain == TimeDomain.EventTime ? "event-time" : "processing-time";
        return Services.ExplainFiring(cause, $"the {kind} timer of {EventTime.Describe(timestamp)}", state.KeyOf(state.CurrentSlot));
    }
}
