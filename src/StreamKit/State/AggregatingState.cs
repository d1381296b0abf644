using System.Diagnostics.CodeAnalysis;
using StreamKit.State;

namespace StreamKit;

/// <summary>
/// One accumulator per key that takes up everything added, by an <see cref="AggregateFunction{TIn,TAcc,TOut}"/>. Get it from the operator's
/// state while the operator opens, and use it inside the calls for a record or a timer. It is part of every checkpoint.
/// </summary>
/// <typeparam name="TIn">The type of the values.</typeparam>
/// <typeparam name="TOut">The type of the result.</typeparam>
public abstract class AggregatingState<TIn, TOut>
{
    private protected AggregatingState()
    {
    }

    /// <summary>The result of all values added for the current key; default when there is none.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public TOut? Result => TryGet(out TOut? result) ? result : default;

    /// <summary>Whether anything was added for the current key.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public abstract bool HasValue { get; }

    /// <summary>Takes a value up.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="StreamKitException">No call for a record or timer is running, or the function returned null.</exception>
    public abstract void Add(TIn value);

    /// <summary>Gets the result of the current key if anything was added.</summary>
    /// <param name="result">Receives the result.</param>
    /// <returns>Whether anything was added.</returns>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public abstract bool TryGet([MaybeNullWhen(false)] out TOut result);

    /// <summary>Takes the accumulator of the current key away.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public abstract void Clear();
}
