using StreamKit.Graph;
using StreamKit.Operators;
using StreamKit.State;
using StreamKit.Windowing;

namespace StreamKit;

/// <summary>
/// The records of each key, divided into windows of event time. A window fires when the watermark reaches its last millisecond: each key with records in it
/// gives one result, whose timestamp is that millisecond. Immutable: settings return a changed copy.
/// </summary>
/// <typeparam name="TKey">The key type.</typeparam>
/// <typeparam name="T">The record type.</typeparam>
public sealed class WindowedStream<TKey, T>
    where TKey : notnull
{
    private readonly KeyedStream<TKey, T> _stream;
    private readonly WindowSettings<T> _settings;

    internal WindowedStream(KeyedStream<TKey, T> stream, WindowSettings<T> settings)
    {
        _stream = stream;
        _settings = settings;
    }

    /// <summary>Keeps windows for some time after they fired. A record that comes then fires its windows again, for its key, with results that include it. Default none.</summary>
    /// <param name="lateness">How far the watermark may be beyond a window's end; not negative, rounded down to whole milliseconds.</param>
    /// <returns>The changed stream.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The lateness is negative.</exception>
    public WindowedStream<TKey, T> AllowedLateness(TimeSpan lateness)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lateness, TimeSpan.Zero);
        return new(_stream, _settings with { AllowedLateness = lateness.Ticks / TimeSpan.TicksPerMillisecond });
    }

    /// <summary>Sends records that are too late for all their windows to a side output, instead of dropping and counting them. Read it by <c>SideOutput</c> on the stream of results.</summary>
    /// <param name="tag">Which side output.</param>
    /// <returns>The changed stream.</returns>
    public WindowedStream<TKey, T> LateSideOutput(OutputTag<T> tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return new(_stream, _settings with { LateTag = tag });
    }

    /// <summary>Combines the records of each window into one.</summary>
    /// <param name="name">The operator's name; its state is found again by it.</param>
    /// <param name="reduce">Combines what was so far with a record; associative, and without state of its own. Must return a new record rather than change one.</param>
    /// <returns>The stream of combined records.</returns>
    public DataStream<T> Reduce(string name, Func<T, T, T> reduce) => Reduce(name, reduce, static (_, _, reduced) => reduced);

    /// <summary>Combines the records of each window into one, and makes the result of that, the key and the window.</summary>
    /// <typeparam name="TOut">The type of results.</typeparam>
    /// <param name="name">The operator's name; its state is found again by it.</param>
    /// <param name="reduce">Combines what was so far with a record; associative, and without state of its own. Must return a new record rather than change one.</param>
    /// <param name="result">Makes the result.</param>
    /// <returns>The stream of results.</returns>
    public DataStream<TOut> Reduce<TOut>(string name, Func<T, T, T> reduce, Func<TKey, TimeWindow, T, TOut> result)
    {
        ArgumentNullException.ThrowIfNull(reduce);
        ArgumentNullException.ThrowIfNull(result);
        return Apply<T, TOut, ReduceWindow<TKey, T, TOut>>(name, () => new(reduce, result), reduce, typeof(T));
    }

    /// <summary>Aggregates the records of each window as they come.</summary>
    /// <typeparam name="TAccumulator">The accumulator: a struct, or a class that is changed in place.</typeparam>
    /// <typeparam name="TResult">The type of results.</typeparam>
    /// <param name="name">The operator's name; its state is found again by it.</param>
    /// <param name="function">How records are aggregated. Where windows overlap, its <c>Merge</c> joins their common parts.</param>
    /// <returns>The stream of results.</returns>
    public DataStream<TResult> Aggregate<TAccumulator, TResult>(string name, AggregateFunction<T, TAccumulator, TResult> function) =>
        Aggregate(name, function, static (_, _, aggregated) => aggregated);

    /// <summary>Aggregates the records of each window as they come, and makes the result of that, the key and the window.</summary>
    /// <typeparam name="TAccumulator">The accumulator: a struct, or a class that is changed in place.</typeparam>
    /// <typeparam name="TResult">The type of aggregated values.</typeparam>
    /// <typeparam name="TOut">The type of results.</typeparam>
    /// <param name="name">The operator's name; its state is found again by it.</param>
    /// <param name="function">How records are aggregated. Where windows overlap, its <c>Merge</c> joins their common parts.</param>
    /// <param name="result">Makes the result.</param>
    /// <returns>The stream of results.</returns>
    public DataStream<TOut> Aggregate<TAccumulator, TResult, TOut>(string name, AggregateFunction<T, TAccumulator, TResult> function, Func<TKey, TimeWindow, TResult, TOut> result)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(result);
        return Apply<TAccumulator, TOut, AggregateWindow<TKey, T, TAccumulator, TResult, TOut>>(
            name, () => new(function, result), (Func<TAccumulator, T, TAccumulator>)function.Add, typeof(TAccumulator));
    }

    /// <summary>Keeps the records of each window, and runs a function over them when it fires.</summary>
    /// <typeparam name="TOut">The type of records emitted.</typeparam>
    /// <param name="name">The operator's name; its state is found again by it.</param>
    /// <param name="factory">Makes one function per subtask and attempt; also called once by <c>Build()</c>, to look at its state.</param>
    /// <returns>The stream of records emitted.</returns>
    public DataStream<TOut> Process<TOut>(string name, Func<ProcessWindowFunction<TKey, T, TOut>> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return Apply<ListCell<T>, TOut, ProcessWindow<TKey, T, TOut>>(name, () => new(factory), factory, typeof(T), graph => StateFields.Check(name, factory(), graph.Serializers));
    }

    private DataStream<TOut> Apply<TAcc, TOut, TFunction>(string name, Func<TFunction> function, Delegate site, Type stored, Func<GraphContext, IEnumerable<string>>? check = null)
        where TFunction : struct, IWindowFunction<TKey, T, TAcc, TOut>
    {
        var (selector, settings) = (_stream.Selector, _settings);
        return _stream.Apply<TOut>(
            name,
            () => Create<TAcc, TOut, TFunction>(selector, settings, function(), site),
            graph => StateFields.Check(name, stored, graph.Serializers).Concat(check?.Invoke(graph) ?? []),
            needsEventTime: true,
            states: serializers => [function().CreateTable(settings.Layout, serializers).Signature]);
    }

    private static Operator<T, TOut> Create<TAcc, TOut, TFunction>(KeySelector<T, TKey> selector, WindowSettings<T> settings, TFunction function, Delegate site)
        where TFunction : struct, IWindowFunction<TKey, T, TAcc, TOut> =>
        JitSites.Create<Operator<T, TOut>>(
            () => new WindowOperator<TKey, T, TAcc, TOut, TFunction, SharedSite>(selector, settings, function), site, selector, settings, function);
}

/// <summary>The verb that divides a keyed stream into windows.</summary>
public static class WindowVerbs
{
    /// <summary>Divides the records of each key into windows of event time. What to do with them says the next verb.</summary>
    /// <typeparam name="TKey">The key type.</typeparam>
    /// <typeparam name="T">The record type.</typeparam>
    /// <param name="stream">The keyed stream; behind <c>AssignTimestampsAndWatermarks</c>.</param>
    /// <param name="windows">Where the windows are.</param>
    /// <returns>The windowed stream.</returns>
    public static WindowedStream<TKey, T> Window<TKey, T>(this KeyedStream<TKey, T> stream, EventTimeWindows windows)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(windows);
        return new(stream, new WindowSettings<T>(windows.Layout));
    }
}
