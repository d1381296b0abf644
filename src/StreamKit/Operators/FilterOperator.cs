using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>Keeps the records that a predicate holds for, in place.</summary>
internal sealed class FilterOperator<T, TSite>(Func<T, bool> predicate) : Operator<T, T>
    where TSite : struct
{
    public override void Receive(Batch<T> batch)
    {
        Services.Metrics.AddIn(batch.Count);
        RaiseWatermark(batch.Watermark);
        Process(batch);
        if (batch.IsEmpty)
            BatchPool<T>.Return(batch);
        else
            Output.Send(batch);
    }

    protected override void Process(Batch<T> batch)
    {
        var count = batch.Count;
        batch.Count = batch.HasTimestamps ? KeepWithTimestamps(batch.Span, batch.Timestamps) : Keep(batch.Span);
        if (System.Runtime.CompilerServices.RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            Array.Clear(batch.Values, batch.Count, count - batch.Count);
    }

    private int Keep(Span<T> values)
    {
        var kept = 0;
        var i = 0;
        try
        {
            for (; i < values.Length; i++)
            {
                var value = values[i];
                values[kept] = value;
                kept += predicate(value) ? 1 : 0;
            }
        }
        catch (Exception cause)
        {
            throw Services.Explain(cause, values[i]);
        }

        return kept;
    }

    private int KeepWithTimestamps(Span<T> values, Span<long> timestamps)
    {
        var kept = 0;
        var i = 0;
        try
        {
            for (; i < values.Length; i++)
            {
                var value = values[i];
                values[kept] = value;
                timestamps[kept] = timestamps[i];
                kept += predicate(value) ? 1 : 0;
            }
        }
        catch (Exception cause)
        {
            throw Services.Explain(cause, values[i]);
        }

        return kept;
    }
}
