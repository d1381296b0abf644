namespace StreamKit;

/// <summary>
/// A map given as a struct: the fast way of <see cref="DataStream{T}.Map{TFunction, TOut}(TFunction, string?)"/>. The operator is compiled for the struct,
/// so the call is inlined always, and not only once the JIT has found out that it is worth it.
/// </summary>
/// <typeparam name="TIn">The type of incoming records.</typeparam>
/// <typeparam name="TOut">The type of results.</typeparam>
public interface IMapFunction<in TIn, out TOut>
{
    /// <summary>Turns one record into one other. Called for each record; copies of the struct serve all subtasks, so it keeps no state.</summary>
    /// <param name="value">The record; must not be changed.</param>
    /// <returns>The result.</returns>
    TOut Map(TIn value);
}
