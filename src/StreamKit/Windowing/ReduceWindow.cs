using StreamKit.Operators;
using StreamKit.State;

namespace StreamKit.Windowing;

/// <summary>Windows that combine their records into one as they come.</summary>
internal readonly struct ReduceWindow<TKey, T, TOut>(Func<T, T, T> reduce, Func<TKey, TimeWindow, T, TOut> result) : IWindowFunction<TKey, T, T, TOut>
    where TKey : notnull
{
    public void Open(OperatorContext context, OperatorServices services, OperatorOutput<TOut> output)
    {
    }

    // Records do not change once they are emitted, whatever their type.
    public WindowTable<T> CreateTable(WindowLayout layout, SerializerRegistry serializers) =>
        new(layout, new AccumulatorCodec<T>(serializers.Get<T>()), immutable: true, serializers.GetSchema(typeof(T)));

    public void Add(ref T accumulator, bool isFirst, T value) => accumulator = isFirst ? value : reduce(accumulator, value);

    public T Merge(T earlier, T later) => reduce(earlier, later);

    public T MergeInto(T merged, T later) => reduce(merged, later);

    public void Emit(TKey key, TimeWindow window, T accumulator, long watermark, Collector<TOut> output) =>
        output.Add(result(key, window, accumulator), window.MaxTimestamp);

    public void Close()
    {
    }
}
