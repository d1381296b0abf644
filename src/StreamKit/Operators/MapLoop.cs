using System.Runtime.CompilerServices;
using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>
/// The loop of a map over a batch: of a delegate, or of a struct that is inlined. A loop is a method of its own and holds the call itself,
/// because then the JIT records from the first run on which delegate is called, and inlines that one.
/// </summary>
internal interface IMapLoop<TIn, TOut>
{
    /// <param name="from">The records.</param>
    /// <param name="to">The results, as many.</param>
    /// <param name="at">The record at hand, for whoever catches an exception.</param>
    void Run(ReadOnlySpan<TIn> from, Span<TOut> to, ref int at);

    /// <summary>Joins the function with those of the operators behind it; null when it is a delegate, or theirs are.</summary>
    FusedLoop<TIn>? FuseWith(IFusable<TOut> next);

    /// <summary>Joins the function with one before it and, where that can be, with those behind it; null when it is a delegate.</summary>
    /// <param name="map">What comes before.</param>
    /// <param name="owner">The operator of this loop.</param>
    /// <param name="next">What comes behind.</param>
    FusedLoop<TFirst>? FuseBehind<TFirst, TMap, TOwner>(TMap map, TOwner owner, Receiver<TOut> next)
        where TMap : struct, IMapFunction<TFirst, TIn>
        where TOwner : IPassedOperator, IFusedEnd<TOut>;
}

/// <inheritdoc cref="IMapLoop{TIn, TOut}"/>
internal readonly struct MapDelegate<TIn, TOut, TSite>(Func<TIn, TOut> function) : IMapLoop<TIn, TOut>
    where TSite : struct
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Run(ReadOnlySpan<TIn> from, Span<TOut> to, ref int at)
    {
        var map = function;
        to = to[..from.Length];
        for (var i = 0; i < from.Length; i++)
        {
            at = i;
            to[i] = map(from[i]);
        }
    }

    public FusedLoop<TIn>? FuseWith(IFusable<TOut> next) => null;

    public FusedLoop<TFirst>? FuseBehind<TFirst, TMap, TOwner>(TMap map, TOwner owner, Receiver<TOut> next)
        where TMap : struct, IMapFunction<TFirst, TIn>
        where TOwner : IPassedOperator, IFusedEnd<TOut> => null;
}

/// <inheritdoc cref="IMapLoop{TIn, TOut}"/>
internal readonly struct MapStruct<TIn, TOut, TFunction>(TFunction function) : IMapLoop<TIn, TOut>
    where TFunction : struct, IMapFunction<TIn, TOut>
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Run(ReadOnlySpan<TIn> from, Span<TOut> to, ref int at)
    {
        var map = function;
        to = to[..from.Length];
        for (var i = 0; i < from.Length; i++)
        {
            at = i;
            to[i] = map.Map(from[i]);
        }
    }

    public FusedLoop<TIn>? FuseWith(IFusable<TOut> next) => next.FuseBehind<TIn, TFunction>(function);

    public FusedLoop<TFirst>? FuseBehind<TFirst, TMap, TOwner>(TMap map, TOwner owner, Receiver<TOut> next)
        where TMap : struct, IMapFunction<TFirst, TIn>
        where TOwner : IPassedOperator, IFusedEnd<TOut>
    {
        var both = new MapThen<TFirst, TIn, TOut, TMap, TFunction>(map, function);
        if (next is IFusable<TOut> further && further.FuseBehind<TFirst, MapThen<TFirst, TIn, TOut, TMap, TFunction>>(both) is { } longer)
        {
            longer.Pass(owner);
            return longer;
        }

        return BatchPool<TFirst>.Capacity <= BatchPool<TOut>.Capacity
            ? new FusedMap<TFirst, TOut, MapThen<TFirst, TIn, TOut, TMap, TFunction>>(both, owner)
            : null;
    }
}
