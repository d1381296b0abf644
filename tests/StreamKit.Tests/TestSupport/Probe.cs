using StreamKit.Elements;
using StreamKit.Operators;

namespace StreamKit.Tests.TestSupport;

/// <summary>The end of a chain under test: keeps what arrives.</summary>
internal class Probe<T> : Receiver<T>
{
    public List<(T Value, long Timestamp)> Records { get; } = [];

    public List<long> Watermarks { get; } = [];

    public List<Control> Controls { get; } = [];

    public IEnumerable<T> Values => Records.Select(static record => record.Value);

    public override void Receive(Batch<T> batch)
    {
        for (var i = 0; i < batch.Count; i++)
            Records.Add((batch.Values[i], batch.TimestampAt(i)));
        if (batch.Watermark != EventTime.None)
            Watermarks.Add(batch.Watermark);
        if (batch.Control is { } control)
            Controls.Add(control);
        BatchPool<T>.Return(batch);
    }
}

/// <summary>A side output under test.</summary>
internal interface ISideProbe
{
    SideOutput Connect(OperatorMetrics metrics);
}

/// <inheritdoc cref="ISideProbe"/>
internal sealed class SideProbe<T>(OutputTag<T> tag) : Probe<T>, ISideProbe
{
    public SideOutput Connect(OperatorMetrics metrics) => new SideOutput<T>(tag, this, metrics);
}
