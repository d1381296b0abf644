namespace StreamKit;

/// <summary>
/// How values are aggregated step by step: an accumulator takes them up, and a result is made of it. One instance serves all keys and
/// subtasks: it must be stateless.
/// </summary>
/// <remarks>
/// The accumulator is a struct, or a class whose members change: <see cref="Add"/> then changes it and returns the same object. An immutable
/// accumulator that is replaced by another one for each value makes the garbage collector's work many times larger.
/// </remarks>
/// <typeparam name="TIn">The type of the values.</typeparam>
/// <typeparam name="TAcc">The type of the accumulator. It is stored in checkpoints, so it must be serializable.</typeparam>
/// <typeparam name="TOut">The type of the result.</typeparam>
public abstract class AggregateFunction<TIn, TAcc, TOut>
{
    /// <summary>Makes the accumulator of no values. Called for each key, and for each window of it.</summary>
    /// <returns>A new accumulator; not null.</returns>
    public abstract TAcc CreateAccumulator();

    /// <summary>Takes a value up.</summary>
    /// <param name="accumulator">The accumulator. It belongs to this call.</param>
    /// <param name="value">The value. Must not be changed.</param>
    /// <returns>The accumulator that has taken the value up: for a class the same object.</returns>
    public abstract TAcc Add(TAcc accumulator, TIn value);

    /// <summary>Makes the result. The accumulator must not be changed: values may still come.</summary>
    /// <param name="accumulator">The accumulator.</param>
    /// <returns>The result.</returns>
    public abstract TOut GetResult(TAcc accumulator);

    /// <summary>Joins two accumulators, as if all values had been added to one.</summary>
    /// <param name="left">The accumulator of the earlier values. It belongs to this call and may be returned.</param>
    /// <param name="right">The accumulator of the later values. Must not be changed.</param>
    /// <returns>The accumulator of all values.</returns>
    public abstract TAcc Merge(TAcc left, TAcc right);
}
