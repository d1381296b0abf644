using StreamKit.Operators;

namespace StreamKit;

/// <summary>A function over records without keys, with side outputs. One object per subtask and attempt, used by one thread at a time.</summary>
/// <typeparam name="TIn">The type of incoming records.</typeparam>
/// <typeparam name="TOut">The type of emitted records.</typeparam>
public abstract class ProcessFunction<TIn, TOut>
{
    /// <summary>Called once, before the first record.</summary>
    /// <param name="context">The operator.</param>
    public virtual void Open(OperatorContext context)
    {
    }

    /// <summary>Called for each record.</summary>
    /// <param name="value">The record; must not be changed.</param>
    /// <param name="context">Its timestamp, and where results go; valid during the call.</param>
    public abstract void Process(TIn value, Context context);

    /// <summary>Called once when the subtask ends, in whatever way.</summary>
    public virtual void Close()
    {
    }

    /// <summary>What a function sees while it processes a record.</summary>
    public sealed class Context
    {
        private readonly OperatorOutput<TOut> _output;
        private readonly OperatorServices _services;

        internal Context(OperatorOutput<TOut> output, OperatorServices services)
        {
            _output = output;
            _services = services;
        }

        /// <summary>The record's event time in milliseconds since the Unix epoch; <see cref="long.MinValue"/> when it has none.</summary>
        public long Timestamp { get; internal set; }

        /// <summary>The watermark: no record at or before it is expected any more. <see cref="long.MinValue"/> before the first one.</summary>
        public long Watermark { get; internal set; }

        /// <summary>The job's clock, in milliseconds since the Unix epoch.</summary>
        public long ProcessingTime => _services.Now;

        /// <summary>Emits a record with the timestamp of the one at hand.</summary>
        /// <param name="value">The record; must not be changed afterwards.</param>
        public void Collect(TOut value) => _output.Main.Add(value, Timestamp);

        /// <summary>Emits a record to a side output; dropped when nobody reads it.</summary>
        /// <typeparam name="TSide">The side output's type.</typeparam>
        /// <param name="tag">Which side output.</param>
        /// <param name="value">The record.</param>
        public void Output<TSide>(OutputTag<TSide> tag, TSide value) => _output.AddSide(tag, value, Timestamp);
    }
}
