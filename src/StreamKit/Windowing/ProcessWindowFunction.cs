using StreamKit.Operators;

namespace StreamKit;

/// <summary>
/// A function over all records of a key in a window. Every record is kept until its windows are done: prefer <c>Aggregate</c> where a running result is enough.
/// One object per subtask and attempt, used by one thread at a time.
/// </summary>
/// <typeparam name="TKey">The key type.</typeparam>
/// <typeparam name="T">The record type.</typeparam>
/// <typeparam name="TOut">The type of emitted records.</typeparam>
public abstract class ProcessWindowFunction<TKey, T, TOut>
    where TKey : notnull
{
    /// <summary>Called once, before the first record. Ask <see cref="OperatorContext.State"/> for state handles here: they belong to the key, whatever the window.</summary>
    /// <param name="context">The operator.</param>
    public virtual void Open(OperatorContext context)
    {
    }

    /// <summary>Called for each key with records in a window when the watermark reaches the window's last millisecond, and again for each late record that is still allowed.</summary>
    /// <param name="key">The key.</param>
    /// <param name="window">The window.</param>
    /// <param name="elements">Its records, at least one: in the order in which they came, except that those of overlapping windows come slice by slice. Valid during the call.</param>
    /// <param name="context">Where results go; valid during the call.</param>
    public abstract void Process(TKey key, TimeWindow window, IReadOnlyList<T> elements, Context context);

    /// <summary>Called once when the subtask ends, in whatever way.</summary>
    public virtual void Close()
    {
    }

    /// <summary>What a function sees while it processes a window.</summary>
    public sealed class Context
    {
        private readonly OperatorOutput<TOut> _output;
        private readonly OperatorServices _services;

        internal Context(OperatorOutput<TOut> output, OperatorServices services)
        {
            _output = output;
            _services = services;
        }

        /// <summary>The timestamp of what is emitted: the window's last millisecond.</summary>
        public long Timestamp { get; internal set; }

        /// <summary>The watermark: no record at or before it is expected any more.</summary>
        public long Watermark { get; internal set; }

        /// <summary>The job's clock, in milliseconds since the Unix epoch. Results that depend on it differ when records are replayed.</summary>
        public long ProcessingTime => _services.Now;

        /// <summary>Emits a record.</summary>
        /// <param name="value">The record; must not be changed afterwards.</param>
        public void Collect(TOut value) => _output.Main.Add(value, Timestamp);

        /// <summary>Emits a record to a side output; dropped when nobody reads it.</summary>
        /// <typeparam name="TSide">The side output's type.</typeparam>
        /// <param name="tag">Which side output.</param>
        /// <param name="value">The record; must not be changed afterwards.</param>
        public void Output<TSide>(OutputTag<TSide> tag, TSide value) => _output.AddSide(tag, value, Timestamp);
    }
}
