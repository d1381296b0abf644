using System.Runtime.CompilerServices;
using StreamKit.Elements;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>Combines the records of each key into one, and emits it after each record.</summary>
internal sealed class ReduceOperator<TKey, T, TSite>(KeySelector<T, TKey> selector, Func<T, T, T> reduce) : Operator<T, T>, IWaitsForState<T>
    where TKey : notnull
    where TSite : struct
{
    /// <summary>The name under which the combined records are found again.</summary>
    public const string StateName = "reduced";

    private KeyResolver<TKey, T>? _keys;
    private ValueTable<T>? _reduced;

    private StateGate<T>? _gate;

    public override KeyedState? Keyed => _keys?.State;

    public override bool CanWaitForState => true;

    public override bool IsCaughtUp => _gate is null or { IsCaughtUp: true };

    public override bool IsReady => _gate is null or { IsReady: true };

    public override long NextWake => _gate?.NextWake ?? long.MaxValue;

    public static StateSignature Signature(SerializerRegistry serializers) => StateSignature.Of<T>(StateName, StateKind.Reducing, serializers);

    public override void Receive(Batch<T> batch)
    {
        if (_gate is { } gate)
            gate.Receive(batch);
        else
            Take(batch);
    }

    public override void OnWake(long now) => _gate?.Continue();

    public bool TryPrepare(Batch<T> batch) => _keys!.TryPrepare(batch.Span); // made in OnOpen

    public bool TryFinish() => true;

    public override void OnResidency(Residency residency) => _gate = new StateGate<T>(residency, this);

    /// <summary>Hands the batch on with its records replaced, so timestamps, watermark and control travel with it.</summary>
    public void Take(Batch<T> batch)
    {
        if (batch.Count == 0)
        {
            base.Receive(batch);
            return;
        }

        Services.Metrics.AddIn(batch.Count);
        Process(batch);
        RaiseWatermark(batch.Watermark);
        if (batch.Control is CheckpointBarrier)
            Services.Contribute(Cut());
        Output.Send(batch);
    }

    protected override void OnOpen()
    {
        _keys = new KeyResolver<TKey, T>(selector, Services);
        _reduced = new ValueTable<T>(Signature(Services.Serializers), Services.Serializers.Get<T>());
        _keys.State.AddTable(_reduced);
    }

    protected override void Process(Batch<T> batch)
    {
        var keys = _keys!; // made in OnOpen
        var values = batch.Span;
        var slots = keys.Resolve(values);
        var at = 0;
        try
        {
            Combine(values, slots, ref at);
        }
        catch (Exception cause)
        {
            throw Services.Explain(cause, values[at]);
        }

        keys.State.EndBatch();
    }

    /// <summary>A method of its own, so that the loop has all registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Combine(Span<T> values, ReadOnlySpan<int> slots, ref int at)
    {
        var combined = _reduced!.Column.Writer; // made in OnOpen
        var combine = reduce;
        slots = slots[..values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            at = i;
            ref var soFar = ref combined.Ref(slots[i], out var existed);
            soFar = existed ? combine(soFar, values[i]) : values[i];
            values[i] = soFar;
        }
    }
}
