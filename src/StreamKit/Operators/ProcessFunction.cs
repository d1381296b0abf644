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
    public sealed class Context : FunctionContext<TOut>
    {
        internal Context(OperatorOutput<TOut> output, OperatorServices services)
            : base(output, services)
        {
        }
    }
}
