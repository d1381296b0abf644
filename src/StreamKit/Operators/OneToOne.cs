using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>For operators that emit one record for each: the output batch has the input's shape, so timestamps move over without copying.</summary>
internal static class OneToOne
{
    /// <summary>True when the batch's records fit into one batch of the other type.</summary>
    public static bool Fits<TIn, TOut>(Batch<TIn> batch) => batch.Count <= BatchPool<TOut>.Capacity;

    /// <summary>Ends a batch whose values were written to another: count, timestamps, watermark and control move over, and the batch goes back to its pool.</summary>
    public static void Complete<TIn, TOut>(Batch<TIn> batch, Batch<TOut> output)
    {
        output.Count = batch.Count;
        output.TakeTimestampsFrom(batch);
        output.Watermark = batch.Watermark;
        output.Control = batch.Control;
        BatchPool<TIn>.Return(batch);
    }
}
