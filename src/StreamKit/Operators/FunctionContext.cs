using StreamKit.Operators;

namespace StreamKit;

/// <summary>What every process function sees during a call, whatever it is called for: the time, and where results go.</summary>
/// <typeparam name="TOut">The type of emitted records.</typeparam>
public abstract class FunctionContext<TOut>
{
    private readonly OperatorOutput<TOut> _output;

    private protected FunctionContext(OperatorOutput<TOut> output, OperatorServices services)
    {
        _output = output;
        Services = services;
    }

    /// <summary>
    /// The event time of what is at hand, in milliseconds since the Unix epoch, and that of what is emitted: the record's, the event-time timer's, or the window's last millisecond.
    /// <see cref="long.MinValue"/> for a record without one and for a processing-time timer.
    /// </summary>
    public long Timestamp { get; internal set; }

    /// <summary>The watermark: no record at or before it is expected any more. <see cref="long.MinValue"/> before the first one.</summary>
    public long Watermark { get; internal set; }

    /// <summary>The job's clock, in milliseconds since the Unix epoch. Results that depend on it differ when records are replayed.</summary>
    public long ProcessingTime => Services.Now;

    private protected OperatorServices Services { get; }

    /// <summary>Emits a record with <see cref="Timestamp"/>.</summary>
    /// <param name="value">The record; must not be changed afterwards.</param>
    public void Collect(TOut value) => _output.Main.Add(value, Timestamp);

    /// <summary>Emits a record to a side output; dropped when nobody reads it.</summary>
    /// <typeparam name="TSide">The side output's type.</typeparam>
    /// <param name="tag">Which side output.</param>
    /// <param name="value">The record; must not be changed afterwards.</param>
    public void Output<TSide>(OutputTag<TSide> tag, TSide value) => _output.AddSide(tag, value, Timestamp);
}
