using System.Runtime.CompilerServices;

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
}
