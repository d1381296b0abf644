using StreamKit.Elements;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>Combines the records of each key into one, and emits it after each record.</summary>
internal sealed class ReduceOperator<TKey, T, TSite>(Func<T, TKey> selector, Func<T, T, T> reduce) : Operator<T, T>
    where TKey : notnull
    where TSite : struct
{
    /// <summary>The name under which the combined records are found again.</summary>
    public const string StateName = "reduced";

    private KeyResolver<TKey, T>? _keys;
    private ValueTable<T>? _reduced;

    public override KeyedState? Keyed => _keys?.State;

    public static StateSignature Signature(SerializerRegistry serializers) => StateSignature.Of<T>(StateName, StateKind.Reducing, serializers);

    /// <summary>Hands the batch on with its records replaced, so timestamps, watermark and control travel with it.</summary>
    public override void Receive(Batch<T> batch)
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
        var keys = _keys!; // made in OnOpen, as the next one
        var column = _reduced!.Column;
        var values = batch.Span;
        var slots = keys.Resolve(values)[..values.Length];
        var combine = reduce;
        var at = 0; // not the loop's own variable: one that a catch block reads lives on the stack
        try
        {
            for (var i = 0; i < values.Length; i++)
            {
                at = i;
                ref var reduced = ref column.Ref(slots[i], out var existed);
                reduced = existed ? combine(reduced, values[i]) : values[i];
                values[i] = reduced;
            }
        }
        catch (Exception cause)
        {
            throw Services.Explain(cause, values[at]);
        }

        keys.State.EndBatch();
    }
}
