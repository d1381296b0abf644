using StreamKit.Operators;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Windowing;

/// <summary>Windows that keep their records for a <see cref="ProcessWindowFunction{TKey, T, TOut}"/>.</summary>
internal readonly struct ProcessWindow<TKey, T, TOut>(Func<ProcessWindowFunction<TKey, T, TOut>> factory) : IWindowFunction<TKey, T, ListCell<T>, TOut>
    where TKey : notnull
{
    private readonly Running _running = new();

    public void Open(OperatorContext context, OperatorServices services, OperatorOutput<TOut> output)
    {
        _running.Function = factory() ?? throw new StreamKitException($"The factory of operator '{services.OperatorName}' returned null. Return a new function each time.");
        _running.Context = new ProcessWindowFunction<TKey, T, TOut>.Context(output, services);
        _running.Function.Open(context);
    }

    // Records do not change once they are emitted, and a cell's copy keeps its items while the list grows.
    public WindowTable<ListCell<T>> CreateTable(WindowLayout layout, SerializerRegistry serializers) =>
        new(layout, new ElementsCodec<T>(serializers.Get<T>()), immutable: true, TypeSchema.SequenceOf(serializers.GetSchema(typeof(T))));

    public void Add(ref ListCell<T> accumulator, bool isFirst, T value) => accumulator.Append(value);

    public ListCell<T> Merge(ListCell<T> earlier, ListCell<T> later)
    {
        var items = new T[Math.Max(earlier.Count + later.Count, earlier.Count * 2)]; // more slices are likely to follow
        earlier.Items.AsSpan(0, earlier.Count).CopyTo(items);
        return MergeInto(new ListCell<T> { Items = items, Count = earlier.Count }, later);
    }

    public ListCell<T> MergeInto(ListCell<T> merged, ListCell<T> later)
    {
        for (var i = 0; i < later.Count; i++)
            merged.Append(later.Items[i]);
        return merged;
    }

    public void Emit(TKey key, TimeWindow window, ListCell<T> accumulator, long watermark, Collector<TOut> output)
    {
        var context = _running.Context!; // made in Open, as the function
        context.Watermark = watermark;
        context.Timestamp = window.MaxTimestamp;
        _running.Function!.Process(key, window, new ArraySegment<T>(accumulator.Items, 0, accumulator.Count), context);
    }

    public void Close()
    {
        var function = _running.Function;
        _running.Function = null;
        function?.Close();
    }

    /// <summary>The user's function, once made.</summary>
    private sealed class Running
    {
        public ProcessWindowFunction<TKey, T, TOut>? Function { get; set; }

        public ProcessWindowFunction<TKey, T, TOut>.Context? Context { get; set; }
    }
}
