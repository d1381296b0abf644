using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>One record in, one record out. Hands the batch on in the same shape, so timestamps, watermark and control travel with it.</summary>
/// <typeparam name="TIn">The type of incoming records.</typeparam>
/// <typeparam name="TOut">The type of results.</typeparam>
/// <typeparam name="TLoop">How the function is called.</typeparam>
internal sealed class MapOperator<TIn, TOut, TLoop>(TLoop loop) : Operator<TIn, TOut>
    where TLoop : struct, IMapLoop<TIn, TOut>
{
    private readonly TLoop _loop = loop;

    public override void Receive(Batch<TIn> batch)
    {
        Services.Metrics.AddIn(batch.Count);
        RaiseWatermark(batch.Watermark);
        if (typeof(TIn) == typeof(TOut))
        {
            var same = (Batch<TOut>)(object)batch;
            Transform(batch.Span, same.Span);
            Output.Send(same);
        }
        else if (batch.Count <= BatchPool<TOut>.Capacity)
        {
            var output = BatchPool<TOut>.Rent();
            Transform(batch.Span, output.Values.AsSpan(0, batch.Count));
            output.Count = batch.Count;
            output.TakeTimestampsFrom(batch);
            output.Watermark = batch.Watermark;
            output.Control = batch.Control;
            BatchPool<TIn>.Return(batch);
            Output.Send(output);
        }
        else
        {
            base.Receive(batch);
        }
    }

    /// <summary>The way for outputs whose batches are smaller than the input's.</summary>
    protected override void Process(Batch<TIn> batch)
    {
        var part = BatchPool<TOut>.Capacity;
        for (var from = 0; from < batch.Count; from += part)
        {
            var output = BatchPool<TOut>.Rent();
            output.Count = Math.Min(part, batch.Count - from);
            Transform(batch.Values.AsSpan(from, output.Count), output.Span);
            output.HasTimestamps = batch.HasTimestamps;
            if (batch.HasTimestamps)
                batch.Timestamps.AsSpan(from, output.Count).CopyTo(output.Timestamps);
            Output.Send(output);
        }
    }

    private void Transform(ReadOnlySpan<TIn> from, Span<TOut> to)
    {
        var at = 0;
        try
        {
            _loop.Run(from, to, ref at);
        }
        catch (Exception cause)
        {
            throw Services.Explain(cause, from[at]);
        }
    }
}
