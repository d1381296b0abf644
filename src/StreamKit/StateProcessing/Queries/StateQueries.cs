using StreamKit.Checkpoints;
using StreamKit.StateProcessing;

namespace StreamKit;

/// <summary>Asks a job for its keyed state while it runs. See <see cref="StateQuery{TKey, T}"/>.</summary>
public static class StateQueries
{
    /// <summary>Asks for value, reducing or aggregating state; of the latter, for accumulators.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="job">The job. It may be asked before, while and after it runs.</param>
    /// <param name="operatorName">The operator.</param>
    /// <param name="stateName">The state's name within it: of <c>Scan</c> it is <c>accumulator</c>, of <c>Reduce</c> <c>reduced</c>.</param>
    /// <returns>The query. Whether there is such a state is said when it is asked.</returns>
    public static StateQuery<TKey, T> QueryValues<TKey, T>(this StreamJob job, string operatorName, string stateName)
        where TKey : notnull => Query<TKey, T>(job, operatorName, registry => EntryShapes.Values<T>(stateName, registry));

    /// <summary>Asks for list state: each key's items, in their order.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <inheritdoc cref="QueryValues" path="/param"/>
    /// <inheritdoc cref="QueryValues" path="/returns"/>
    public static StateQuery<TKey, IReadOnlyList<T>> QueryLists<TKey, T>(this StreamJob job, string operatorName, string stateName)
        where TKey : notnull => Query<TKey, IReadOnlyList<T>>(job, operatorName, registry => EntryShapes.Lists<T>(stateName, registry));

    /// <summary>Asks for map state: each key's entries.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TMapKey">The type of the maps' keys.</typeparam>
    /// <typeparam name="TValue">The type of the maps' values.</typeparam>
    /// <inheritdoc cref="QueryValues" path="/param"/>
    /// <inheritdoc cref="QueryValues" path="/returns"/>
    public static StateQuery<TKey, IReadOnlyDictionary<TMapKey, TValue>> QueryMaps<TKey, TMapKey, TValue>(this StreamJob job, string operatorName, string stateName)
        where TKey : notnull
        where TMapKey : notnull => Query<TKey, IReadOnlyDictionary<TMapKey, TValue>>(job, operatorName, registry => EntryShapes.Maps<TMapKey, TValue>(stateName, registry));

    private static StateQuery<TKey, T> Query<TKey, T>(StreamJob job, string operatorName, Func<SerializerRegistry, EntryShape<T>> shape)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(operatorName);
        EntryShape<T> wanted = shape(job.Serializers);
        return new StateQuery<TKey, T>(job.QueriedState, operatorName, mounted => new QueryView<TKey, T>(mounted, wanted, job.Serializers, job.TimeProvider));
    }
}
