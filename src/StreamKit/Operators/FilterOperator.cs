using System.Runtime.CompilerServices;
using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>Keeps the records that a predicate holds for, in place.</summary>
/// <typeparam name="T">The record type.</typeparam>
/// <typeparam name="TLoop">How the predicate is called.</typeparam>
internal sealed class FilterOperator<T, TLoop>(TLoop loop) : Operator<T, T>, IFusable<T>, IFusedEnd<T>
    where TLoop : struct, IFilterLoop<T>
{
    private readonly TLoop _loop = loop;

    public override void Receive(Batch<T> batch)
    {
        Services.Metrics.AddIn(batch.Count);
        RaiseWatermark(batch.Watermark);
        Process(batch);
        Send(batch);
    }

    public FusedLoop<TFirst>? FuseBehind<TFirst, TMap>(TMap map)
        where TMap : struct, IMapFunction<TFirst, T> => _loop.FuseBehind<TFirst, TMap>(map, this);

    public Exception Blame(T record, Exception cause, object end) => Services.Explain(cause, record);

    public void Finish(Batch<T> output, int count)
    {
        Services.Metrics.AddIn(count);
        RaiseWatermark(output.Watermark);
        Send(output);
    }

    protected override void Process(Batch<T> batch)
    {
        var count = batch.Count;
        var at = 0;
        try
        {
            batch.Count = _loop.Run(batch.Span, batch.HasTimestamps ? batch.Timestamps : default, ref at);
        }
        catch (Exception cause)
        {
            throw Services.Explain(cause, batch.Values[at]);
        }

        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            Array.Clear(batch.Values, batch.Count, count - batch.Count);
    }

    private void Send(Batch<T> batch)
    {
        if (batch.IsEmpty)
            BatchPool<T>.Return(batch);
        else
            Output.Send(batch);
    }
}
