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
    public sealed class Context : FunctionContext<TOut>
    {
        internal Context(OperatorOutput<TOut> output, OperatorServices services)
            : base(output, services)
        {
        }
    }
}
