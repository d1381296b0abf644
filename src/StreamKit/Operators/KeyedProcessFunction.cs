using StreamKit.Operators;
using StreamKit.State;

namespace StreamKit;

/// <summary>
/// A function over the records of each key, with state, timers and side outputs. One object per subtask and attempt, used by one thread at a time.
/// It serves many keys: keep what belongs to a key in state handles, never in fields.
/// </summary>
/// <typeparam name="TKey">The key type.</typeparam>
/// <typeparam name="TIn">The type of incoming records.</typeparam>
/// <typeparam name="TOut">The type of emitted records.</typeparam>
public abstract class KeyedProcessFunction<TKey, TIn, TOut>
    where TKey : notnull
{
    /// <summary>Called once, before the first record. Ask <see cref="OperatorContext.State"/> for state handles here.</summary>
    /// <param name="context">The operator.</param>
    public virtual void Open(OperatorContext context)
    {
    }

    /// <summary>Called for each record. State handles and timers are those of its key.</summary>
    /// <param name="value">The record; must not be changed.</param>
    /// <param name="context">Its key and timestamp, and where results go; valid during the call.</param>
    public abstract void Process(TIn value, Context context);

    /// <summary>
    /// Called when a timer is due. State handles and timers are those of the timer's key. Event-time timers fire in the order of their timestamps;
    /// the order among keys with equal timestamps is not defined.
    /// </summary>
    /// <param name="timestamp">The timer's timestamp in milliseconds since the Unix epoch.</param>
    /// <param name="context">The timer's key and domain, and where results go; valid during the call.</param>
    public virtual void OnTimer(long timestamp, Context context)
    {
    }

    /// <summary>Called once when the subtask ends, in whatever way.</summary>
    public virtual void Close()
    {
    }

    /// <summary>What a function sees while it processes a record or a timer.</summary>
    public sealed class Context : FunctionContext<TOut>
    {
        private readonly KeyedState<TKey> _state;

        internal Context(KeyedState<TKey> state, TimerService timers, OperatorOutput<TOut> output, OperatorServices services)
            : base(output, services)
        {
            _state = state;
            Timers = timers;
        }

        /// <summary>The key of the record or timer.</summary>
        /// <exception cref="StreamKitException">No call is running.</exception>
        public TKey Key => _state.CurrentSlot >= 0 ? _state.KeyOf(_state.CurrentSlot) : throw Outside();

        /// <summary>In <see cref="OnTimer"/>, by which time the timer fired.</summary>
        public TimeDomain TimeDomain { get; internal set; }

        /// <summary>The timers of the key.</summary>
        public TimerService Timers { get; }

        private StreamKitException Outside() => new(
            $"The context of operator '{Services.OperatorName}' was asked for its key outside a call. It is valid only while the function processes a record or a timer.");
    }
}
