using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>Everything an operator emits into: its main output and its side outputs, which pass controls together.</summary>
internal sealed class OperatorOutput<T>(Receiver<T> next, IReadOnlyList<SideOutput> sides, OperatorMetrics metrics)
{
    private OutputTag? _lastTag;
    private object? _lastCollector;

    /// <summary>Where the main output goes.</summary>
    public Receiver<T> Next => next;

    public Collector<T> Main { get; } = new(next, metrics);

    /// <summary>Sends a whole batch on the main output, control included; for operators without side outputs, that have nothing gathered in <see cref="Main"/>.</summary>
    public void Send(Batch<T> batch)
    {
        metrics.AddOut(batch.Count);
        next.Receive(batch);
    }

    /// <summary>Emits to a side output. Records for one that nobody reads are dropped.</summary>
    public void AddSide<TSide>(OutputTag<TSide> tag, TSide value, long timestamp)
    {
        if (!ReferenceEquals(tag, _lastTag))
        {
            _lastTag = tag;
            _lastCollector = Find(tag);
        }

        ((Collector<TSide>?)_lastCollector)?.Add(value, timestamp);
    }

    /// <summary>Emits to a side output whose type is not known here.</summary>
    public void AddSide(OutputTag tag, object? value, long timestamp)
    {
        foreach (var side in sides)
        {
            if (side.Matches(tag))
                side.Add(value, timestamp);
        }
    }

    /// <summary>Sends what was emitted, then the watermark and the control, on every output.</summary>
    public void Complete(long watermark, Control? control)
    {
        CompleteSides(watermark, control);
        Main.Complete(watermark, control);
    }

    /// <summary>The same for the side outputs alone.</summary>
    public void CompleteSides(long watermark, Control? control)
    {
        for (var i = 0; i < sides.Count; i++)
            sides[i].Collector.Complete(watermark, control);
    }

    private ISideCollector? Find(OutputTag tag)
    {
        foreach (var side in sides)
        {
            if (side.Matches(tag))
                return side.Collector;
        }

        return null;
    }
}

/// <summary>One connected side output of an operator.</summary>
internal abstract class SideOutput(OutputTag tag, ISideCollector collector)
{
    public ISideCollector Collector { get; } = collector;

    public bool Matches(OutputTag other) => other.Name == tag.Name && other.Type == tag.Type;

    public abstract void Add(object? value, long timestamp);
}

/// <inheritdoc cref="SideOutput"/>
internal sealed class SideOutput<T>(OutputTag<T> tag, Receiver<T> next, OperatorMetrics metrics) : SideOutput(tag, new Collector<T>(next, metrics))
{
    public override void Add(object? value, long timestamp) => ((Collector<T>)Collector).Add((T)value!, timestamp); // the tag's type was compared
}
