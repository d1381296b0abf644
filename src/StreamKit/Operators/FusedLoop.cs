using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>
/// The loops of several operators of a chain as one: maps given as structs, and perhaps a filter behind them. Each record goes through all of their functions
/// before the next, so it is read and written once. The operators stay what they are to everybody else: names, counts, watermarks, errors.
/// </summary>
/// <typeparam name="TIn">What the first operator takes.</typeparam>
internal abstract class FusedLoop<TIn>
{
    private readonly List<IPassedOperator> _between = [];

    /// <summary>Adds an operator that stands between the first and the last one.</summary>
    public void Pass(IPassedOperator between) => _between.Add(between);

    /// <summary>Takes a batch over, runs its records through all operators but for the first one's counts, and sends on what comes out.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="first">Finds out which operator failed.</param>
    public abstract void Run(Batch<TIn> batch, IFusable<TIn> first);

    /// <summary>Tells the operators in between what has gone through them.</summary>
    protected void CountPassed(int count, long watermark)
    {
        foreach (var passed in _between)
            passed.OnPassed(count, watermark);
    }
}

/// <summary>Maps alone.</summary>
internal sealed class FusedMap<TIn, TOut, TMap>(TMap map, IFusedEnd<TOut> end) : FusedLoop<TIn>
    where TMap : struct, IMapFunction<TIn, TOut>
{
    private readonly MapStruct<TIn, TOut, TMap> _loop = new(map);

    public override void Run(Batch<TIn> batch, IFusable<TIn> first)
    {
        CountPassed(batch.Count, batch.Watermark);
        var output = typeof(TIn) == typeof(TOut) ? (Batch<TOut>)(object)batch : BatchPool<TOut>.Rent();
        var at = 0;
        try
        {
            _loop.Run(batch.Span, output.Values.AsSpan(0, batch.Count), ref at);
        }
        catch (Exception cause)
        {
            throw first.Blame(batch.Values[at], cause, end);
        }

        if (typeof(TIn) != typeof(TOut))
            OneToOne.Complete(batch, output);
        end.Finish(output, output.Count);
    }
}

/// <summary>Maps with a filter behind them.</summary>
internal sealed class FusedFilter<TIn, T, TMap, TFilter>(TMap map, TFilter filter, IFusedEnd<T> end) : FusedLoop<TIn>
    where TMap : struct, IMapFunction<TIn, T>
    where TFilter : struct, IFilterFunction<T>
{
    public override void Run(Batch<TIn> batch, IFusable<TIn> first)
    {
        var count = batch.Count;
        CountPassed(count, batch.Watermark);
        var output = typeof(TIn) == typeof(T) ? (Batch<T>)(object)batch : BatchPool<T>.Rent();
        var kept = 0;
        var at = 0;
        try
        {
            kept = Run(map, filter, batch.Span, output.Values.AsSpan(0, count), batch.HasTimestamps ? batch.Timestamps : default, ref at);
        }
        catch (Exception cause)
        {
            throw first.Blame(batch.Values[at], cause, end);
        }

        if (typeof(TIn) != typeof(T))
            OneToOne.Complete(batch, output);
        output.Count = kept;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            Array.Clear(output.Values, kept, count - kept);
        end.Finish(output, count);
    }

    /// <summary>As <see cref="FilterStruct{T, TFunction}"/>, with the map before the predicate.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Run(TMap map, TFilter filter, ReadOnlySpan<TIn> from, Span<T> to, Span<long> timestamps, ref int at)
    {
        var kept = 0;
        if (timestamps.IsEmpty)
        {
            for (var i = 0; i < from.Length; i++)
            {
                at = i;
                var value = map.Map(from[i]);
                var keeps = filter.Keep(value);
                FilterLoop.Place(to, kept) = value;
                kept += FilterLoop.One(keeps);
            }

            return kept;
        }

        timestamps = timestamps[..from.Length];
        for (var i = 0; i < from.Length; i++)
        {
            at = i;
            var value = map.Map(from[i]);
            var keeps = filter.Keep(value);
            FilterLoop.Place(to, kept) = value;
            FilterLoop.Place(timestamps, kept) = timestamps[i];
            kept += FilterLoop.One(keeps);
        }

        return kept;
    }
}

/// <summary>Two maps as one.</summary>
internal readonly struct MapThen<TIn, TBetween, TOut, TFirst, TSecond>(TFirst first, TSecond second) : IMapFunction<TIn, TOut>
    where TFirst : struct, IMapFunction<TIn, TBetween>
    where TSecond : struct, IMapFunction<TBetween, TOut>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TOut Map(TIn value) => second.Map(first.Map(value));
}
