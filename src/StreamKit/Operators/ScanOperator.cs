using System.Runtime.CompilerServices;
using StreamKit.Elements;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>Folds the records of each key into an accumulator, and emits it after each record.</summary>
internal sealed class ScanOperator<TKey, T, TAcc, TSite>(KeySelector<T, TKey> selector, Func<TAcc> seed, Func<TAcc, T, TAcc> fold) : Operator<T, TAcc>, IWaitsForState<T>
    where TKey : notnull
    where TSite : struct
{
    /// <summary>The name under which the accumulators are found again.</summary>
    public const string StateName = "accumulator";

    private KeyResolver<TKey, T>? _keys;
    private ValueTable<TAcc>? _accumulators;
    private TAcc[] _folded = [];

    private StateGate<T>? _gate;

    public override KeyedState? Keyed => _keys?.State;

    public override bool CanWaitForState => true;

    public override bool IsCaughtUp => _gate is null or { IsCaughtUp: true };

    public override bool IsReady => _gate is null or { IsReady: true };

    public override long NextWake => _gate?.NextWake ?? long.MaxValue;

    public static StateSignature Signature(SerializerRegistry serializers) => StateSignature.Of<TAcc>(StateName, StateKind.Value, serializers);

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

    public void Take(Batch<T> batch)
    {
        if (batch.Count == 0 || !OneToOne.Fits<T, TAcc>(batch))
        {
            base.Receive(batch);
            return;
        }

        Services.Metrics.AddIn(batch.Count);
        var output = BatchPool<TAcc>.Rent();
        Fold(batch.Span, output.Values);
        OneToOne.Complete(batch, output);
        RaiseWatermark(output.Watermark);
        if (output.Control is CheckpointBarrier)
            Services.Contribute(Cut());
        Output.Send(output);
    }

    public override void OnResidency(Residency residency) => _gate = new StateGate<T>(residency, this);

    protected override void OnOpen()
    {
        _keys = new KeyResolver<TKey, T>(selector, Services);
        _accumulators = new ValueTable<TAcc>(Signature(Services.Serializers), Services.Serializers.Get<TAcc>());
        _keys.State.AddTable(_accumulators);
    }

    /// <summary>The way for outputs whose batches are smaller than the input's.</summary>
    protected override void Process(Batch<T> batch)
    {
        if (_folded.Length < batch.Count)
            _folded = new TAcc[batch.Count];
        Fold(batch.Span, _folded);
        for (var i = 0; i < batch.Count; i++)
            Output.Main.Add(_folded[i], batch.TimestampAt(i));
    }

    private void Fold(ReadOnlySpan<T> values, Span<TAcc> folded)
    {
        var keys = _keys!; // made in OnOpen, as the accumulators
        var slots = keys.Resolve(values);
        var at = 0;
        try
        {
            Fold(values, slots, folded, ref at);
        }
        catch (Exception cause)
        {
            throw Services.Explain(cause, values[at]);
        }

        keys.State.EndBatch();
    }

    /// <summary>A method of its own, so that the loop has all registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Fold(ReadOnlySpan<T> values, ReadOnlySpan<int> slots, Span<TAcc> folded, ref int at)
    {
        var accumulators = _accumulators!.Column.Writer;
        var add = fold;
        folded = folded[..values.Length];
        slots = slots[..values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            at = i;
            ref var accumulator = ref accumulators.Ref(slots[i], out var existed);
            accumulator = add(existed ? accumulator : seed(), values[i]);
            folded[i] = accumulator;
        }
    }
}
