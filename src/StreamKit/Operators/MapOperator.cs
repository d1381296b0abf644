using System.Runtime.CompilerServices;
using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>One record in, one record out. Hands the batch on in the same shape, so timestamps, watermark and control travel with it.</summary>
/// <typeparam name="TIn">The type of incoming records.</typeparam>
/// <typeparam name="TOut">The type of results.</typeparam>
/// <typeparam name="TLoop">How the function is called.</typeparam>
internal sealed class MapOperator<TIn, TOut, TLoop>(TLoop loop) : Operator<TIn, TOut>, IFusable<TIn>, IPassedOperator, IFusedEnd<TOut>
    where TLoop : struct, IMapLoop<TIn, TOut>
{
    private readonly TLoop _loop = loop;
    private FusedLoop<TIn>? _fused;

    public override void Receive(Batch<TIn> batch)
    {
        if (_fused is null && batch.Count > BatchPool<TOut>.Capacity)
        {
            base.Receive(batch);
            return;
        }

        Services.Metrics.AddIn(batch.Count);
        RaiseWatermark(batch.Watermark);
        if (_fused is not null)
        {
            Services.Metrics.AddOut(batch.Count);
            _fused.Run(batch, this);
        }
        else if (typeof(TIn) == typeof(TOut))
        {
            var same = (Batch<TOut>)(object)batch;
            Transform(batch.Span, same.Span);
            Output.Send(same);
        }
        else
        {
            var output = BatchPool<TOut>.Rent();
            Transform(batch.Span, output.Values.AsSpan(0, batch.Count));
            OneToOne.Complete(batch, output);
            Output.Send(output);
        }
    }

    public FusedLoop<TFirst>? FuseBehind<TFirst, TMap>(TMap map)
        where TMap : struct, IMapFunction<TFirst, TIn> => _loop.FuseBehind<TFirst, TMap, MapOperator<TIn, TOut, TLoop>>(map, this, Output.Next);

    public Exception Blame(TIn record, Exception cause, object end)
    {
        var result = new TOut[1];
        try
        {
            var at = 0;
            _loop.Run([record], result, ref at);
        }
        catch (Exception)
        {
            return Services.Explain(cause, record); // the same again, or so it seems: the first one is told
        }

        return !ReferenceEquals(this, end) && Output.Next is IFusable<TOut> next ? next.Blame(result[0], cause, end) : Services.Explain(cause, record);
    }

    public void OnPassed(int count, long watermark)
    {
        Services.Metrics.AddIn(count);
        Services.Metrics.AddOut(count);
        RaiseWatermark(watermark);
    }

    public void Finish(Batch<TOut> output, int count)
    {
        Services.Metrics.AddIn(count);
        RaiseWatermark(output.Watermark);
        Output.Send(output);
    }

    /// <summary>The operators behind are open already. Without code made at run time the types would have to be known before, and there is no end to them.</summary>
    protected override void OnOpen()
    {
        if (RuntimeFeature.IsDynamicCodeSupported && Output.Next is IFusable<TOut> next)
            _fused = _loop.FuseWith(next);
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
