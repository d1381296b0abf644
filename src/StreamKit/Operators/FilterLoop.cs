using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>The loop of a filter over a batch, in place: of a delegate, or of a struct that is inlined. A method of its own for the reason told at <see cref="IMapLoop{TIn, TOut}"/>.</summary>
internal interface IFilterLoop<T>
{
    /// <param name="values">The records; those kept stand in front afterwards.</param>
    /// <param name="timestamps">Their timestamps, which move with them; empty when they have none.</param>
    /// <param name="at">The record at hand, for whoever catches an exception; it is still in its place.</param>
    /// <returns>How many were kept.</returns>
    int Run(Span<T> values, Span<long> timestamps, ref int at);

    /// <summary>Joins the predicate with a map before it; null when it is a delegate.</summary>
    /// <param name="map">What comes before.</param>
    /// <param name="owner">The operator of this loop.</param>
    FusedLoop<TFirst>? FuseBehind<TFirst, TMap>(TMap map, IFusedEnd<T> owner)
        where TMap : struct, IMapFunction<TFirst, T>;
}

/// <summary>
/// What the loops have in common: every record is written to the next free place, which then moves on or not. There is no branch to be mispredicted, and the
/// predicate comes first, so that the processor need not wait for the place to know its result.
/// </summary>
internal static class FilterLoop
{
    /// <summary>A place that is never behind the record at hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref T Place<T>(Span<T> values, int kept) => ref Unsafe.Add(ref MemoryMarshal.GetReference(values), kept);

    /// <summary>1 for true. A bool is a byte of 0 or 1; the mask keeps one from unsafe code from moving the place out of the batch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int One(bool value) => Unsafe.BitCast<bool, byte>(value) & 1;
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
                var keeps = keep(value);
                FilterLoop.Place(values, kept) = value;
                kept += FilterLoop.One(keeps);
            }

            return kept;
        }

        timestamps = timestamps[..values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            at = i;
            var value = values[i];
            var keeps = keep(value);
            FilterLoop.Place(values, kept) = value;
            FilterLoop.Place(timestamps, kept) = timestamps[i];
            kept += FilterLoop.One(keeps);
        }

        return kept;
    }
    public FusedLoop<TFirst>? FuseBehind<TFirst, TMap>(TMap map, IFusedEnd<T> owner)
        where TMap : struct, IMapFunction<TFirst, T> => null;
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
                var keeps = predicate.Keep(value);
                FilterLoop.Place(values, kept) = value;
                kept += FilterLoop.One(keeps);
            }

            return kept;
        }

        timestamps = timestamps[..values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            at = i;
            var value = values[i];
            var keeps = predicate.Keep(value);
            FilterLoop.Place(values, kept) = value;
            FilterLoop.Place(timestamps, kept) = timestamps[i];
            kept += FilterLoop.One(keeps);
        }

        return kept;
    }

    public FusedLoop<TFirst>? FuseBehind<TFirst, TMap>(TMap map, IFusedEnd<T> owner)
        where TMap : struct, IMapFunction<TFirst, T> =>
        BatchPool<TFirst>.Capacity <= BatchPool<T>.Capacity ? new FusedFilter<TFirst, T, TMap, TFunction>(map, function, owner) : null;
}
