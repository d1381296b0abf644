using StreamKit.Elements;

namespace StreamKit.Runtime;

/// <summary>Sends each batch to several receivers: copies for all but the last, which takes the batch itself over.</summary>
internal sealed class FanOut<T>(Receiver<T>[] receivers) : Receiver<T>
{
    public override void Receive(Batch<T> batch)
    {
        for (var i = 0; i < receivers.Length - 1; i++)
            receivers[i].Receive(Copy(batch));
        receivers[^1].Receive(batch);
    }

    private static Batch<T> Copy(Batch<T> batch)
    {
        var copy = BatchPool<T>.Rent();
        batch.Span.CopyTo(copy.Values);
        copy.Count = batch.Count;
        copy.HasTimestamps = batch.HasTimestamps;
        if (batch.HasTimestamps)
            batch.TimestampSpan.CopyTo(copy.Timestamps);
        copy.Watermark = batch.Watermark;
        copy.Control = batch.Control;
        return copy;
    }
}

/// <summary>Where output goes that nobody reads.</summary>
internal sealed class Discard<T> : Receiver<T>
{
    public override void Receive(Batch<T> batch) => BatchPool<T>.Return(batch);
}
