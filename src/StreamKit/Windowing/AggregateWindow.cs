using StreamKit.Operators;
using StreamKit.State;

namespace StreamKit.Windowing;

/// <summary>Windows that aggregate their records as they come.</summary>
internal readonly struct AggregateWindow<TKey, T, TAcc, TResult, TOut>(AggregateFunction<T, TAcc, TResult> function, Func<TKey, TimeWindow, TResult, TOut> result)
    : IWindowFunction<TKey, T, TAcc, TOut>
    where TKey : notnull
{
    // What cannot change behind our back need not be copied before another is merged into it.
    private static readonly bool s_immutable = ValueKinds.IsImmutable(typeof(TAcc));

    public void Open(OperatorContext context, OperatorServices services, OperatorOutput<TOut> output)
    {
    }

    public WindowTable<TAcc> CreateTable(WindowLayout layout, SerializerRegistry serializers) =>
        new(layout, new AccumulatorCodec<TAcc>(serializers.Get<TAcc>()), s_immutable, serializers.GetSchema(typeof(TAcc)));

    public void Add(ref TAcc accumulator, bool isFirst, T value) =>
        accumulator = function.Add(isFirst ? function.CreateAccumulator() : accumulator, value);

    public TAcc Merge(TAcc earlier, TAcc later) =>
        function.Merge(s_immutable ? earlier : function.Merge(function.CreateAccumulator(), earlier), later);

    public TAcc MergeInto(TAcc merged, TAcc later) => function.Merge(merged, later);

    public void Emit(TKey key, TimeWindow window, TAcc accumulator, long watermark, Collector<TOut> output) =>
        output.Add(result(key, window, function.GetResult(accumulator)), window.MaxTimestamp);

    public void Close()
    {
    }
}
