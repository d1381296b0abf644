using System.Runtime.CompilerServices;

namespace StreamKit.Operators;

/// <summary>The loop of a filter over a batch, in place: of a delegate, or of a struct that is inlined. A method of its own for the reason told at <see cref="IMapLoop{TIn, TOut}"/>.</summary>
internal interface IFilterLoop<T>
{
    /// <param name="values">The records; those kept stand in front afterwards.</param>
    /// <param name="timestamps">Their timestamps, which move with them; empty when they have none.</param>
    /// <param name="at">The record at hand, for whoever catches an exception; it is still in its place.</param>
    /// <returns>How many were kept.</returns>
    int Run(Span<T> values, Span<long> timestamps, ref int at);
}

/// <inheritdoc cref="IFilterLoop{T}"/>
internal readonly struct FilterDelegate<T, TSite>(Func<T, bool> predicate) : IFilterLoop<T>
    where TSite : struct
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Run(Span<T> values, Span<long> timestamps, ref int at)
    {
        var keep = predicate;
        var kept = 0;
        if (timestamps.IsEmpty)
        {
            for (var i = 0; i < values.Length; i++)
            {
                at = i;
                var value = values[i];
                values[kept] = value;
                kept += keep(value) ? 1 : 0;
            }

            return kept;
        }

        timestamps = timestamps[..values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            at = i;
            var value = values[i];
            values[kept] = value;
            timestamps[kept] = timestamps[i];
            kept += keep(value) ? 1 : 0;
        }

        return kept;
    }
}

/// <inheritdoc cref="IFilterLoop{T}"/>
internal readonly struct FilterStruct<T, TFunction>(TFunction function) : IFilterLoop<T>
    where TFunction : struct, IFilterFunction<T>
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Run(Span<T> values, Span<long> timestamps, ref int at)
    {
        var predicate = function;
        var kept = 0;
        if (timestamps.IsEmpty)
        {
            for (var i = 0; i < values.Length; i++)
            {
                at = i;
                var value = values[i];
                values[kept] = value;
                kept += predicate.Keep(value) ? 1 : 0;
            }

            return kept;
        }

        timestamps = timestamps[..values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            at = i;
            var value = values[i];
            values[kept] = value;
            timestamps[kept] = timestamps[i];
            kept += predicate.Keep(value) ? 1 : 0;
        }

        return kept;
    }
}
