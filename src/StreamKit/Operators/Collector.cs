using System.Runtime.CompilerServices;
using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>Gathers what an operator emits into batches for the next step. Owned by the operator; one thread.</summary>
internal sealed class Collector<T>(Receiver<T> next, OperatorMetrics metrics) : ISideCollector
{
    private Batch<T>? _batch;

    /// <summary>Emits one record; without a timestamp when <paramref name="timestamp"/> is <see cref="EventTime.None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T value, long timestamp)
    {
        var batch = _batch ??= BatchPool<T>.Rent();
        var count = batch.Count;
        if (timestamp != EventTime.None || batch.HasTimestamps)
            SetTimestamp(batch, count, timestamp);
        batch.Values[count] = value;
        batch.Count = ++count;
        if (count == batch.Values.Length)
            Send();
    }

    /// <summary>Sends the gathered records, the watermark behind them and the control behind that; nothing when there is none of these.</summary>
    public void Complete(long watermark, Control? control)
    {
        if (_batch is null && watermark == EventTime.None && control is null)
            return;
        var batch = _batch ??= BatchPool<T>.Rent();
        batch.Watermark = watermark;
        batch.Control = control;
        Send();
    }

    private void Send()
    {
        var batch = _batch!; // callers have just seen it
        _batch = null;
        metrics.AddOut(batch.Count);
        next.Receive(batch);
    }

    private static void SetTimestamp(Batch<T> batch, int count, long timestamp)
    {
        if (!batch.HasTimestamps)
        {
            batch.HasTimestamps = true;
            batch.Timestamps.AsSpan(0, count).Fill(EventTime.None);
        }

        batch.Timestamps[count] = timestamp;
    }
}

/// <summary>The collector of a side output, whatever its type.</summary>
internal interface ISideCollector
{
    void Complete(long watermark, Control? control);
}
