namespace StreamKit;

/// <summary>A predicate given as a struct: the fast way of <see cref="DataStream{T}.Filter{TFunction}(TFunction, string?)"/>. The operator is compiled for the struct, so the call is inlined always.</summary>
/// <typeparam name="T">The record type.</typeparam>
public interface IFilterFunction<in T>
{
    /// <summary>Says whether a record is kept. Called for each record; copies of the struct serve all subtasks, so it keeps no state.</summary>
    /// <param name="value">The record; must not be changed.</param>
    /// <returns>True to keep it.</returns>
    bool Keep(T value);
}
