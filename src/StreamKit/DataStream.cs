using StreamKit.Graph;
using StreamKit.Operators;

namespace StreamKit;

/// <summary>
/// A stream of records in a job that is being described. Each verb adds an operator and returns the stream behind it; nothing runs before the job is built and started.
/// Records must not be changed once emitted: several operators may see the same one.
/// </summary>
/// <typeparam name="T">The record type.</typeparam>
public sealed class DataStream<T>
{
    private readonly IReadOnlyList<StreamOrigin> _origins;
    private readonly Partitioning<T> _partitioning;

    internal DataStream(StreamJobBuilder builder, StreamNode node, OutputTag? tag = null)
        : this(builder, [new StreamOrigin(node, tag)], new ForwardPartitioning<T>())
    {
    }

    private DataStream(StreamJobBuilder builder, IReadOnlyList<StreamOrigin> origins, Partitioning<T> partitioning)
    {
        Builder = builder;
        _origins = origins;
        _partitioning = partitioning;
    }

    internal StreamJobBuilder Builder { get; }

    /// <summary>Turns each record into one other.</summary>
    /// <typeparam name="TOut">The new record type.</typeparam>
    /// <param name="map">Called for each record; shared by all subtasks, so it keeps no state.</param>
    /// <param name="name">For display.</param>
    /// <returns>The stream of results.</returns>
    public DataStream<TOut> Map<TOut>(Func<T, TOut> map, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Apply("map", name, () => JitSites.Create<Operator<T, TOut>>(() => new MapOperator<T, TOut, MapDelegate<T, TOut, SharedSite>>(new(map)), map));
    }

    /// <summary>Turns each record into one other, by a struct: compiled into the operator, and so faster than a delegate until the JIT has caught up.</summary>
    /// <typeparam name="TFunction">The function's type.</typeparam>
    /// <typeparam name="TOut">The new record type.</typeparam>
    /// <param name="function">Called for each record; copied to all subtasks, so it keeps no state.</param>
    /// <param name="name">For display.</param>
    /// <returns>The stream of results.</returns>
    public DataStream<TOut> Map<TFunction, TOut>(TFunction function, string? name = null)
        where TFunction : struct, IMapFunction<T, TOut> =>
        Apply("map", name, () => new MapOperator<T, TOut, MapStruct<T, TOut, TFunction>>(new(function)));

    /// <summary>Keeps the records for which a predicate holds.</summary>
    /// <param name="predicate">Called for each record; shared by all subtasks, so it keeps no state.</param>
    /// <param name="name">For display.</param>
    /// <returns>The stream of records kept.</returns>
    public DataStream<T> Filter(Func<T, bool> predicate, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return Apply("filter", name, () => JitSites.Create<Operator<T, T>>(() => new FilterOperator<T, FilterDelegate<T, SharedSite>>(new(predicate)), predicate));
    }

    /// <summary>Keeps the records for which a predicate holds, given as a struct: compiled into the operator, and so faster than a delegate until the JIT has caught up.</summary>
    /// <typeparam name="TFunction">The function's type.</typeparam>
    /// <param name="function">Called for each record; copied to all subtasks, so it keeps no state.</param>
    /// <param name="name">For display.</param>
    /// <returns>The stream of records kept.</returns>
    public DataStream<T> Filter<TFunction>(TFunction function, string? name = null)
        where TFunction : struct, IFilterFunction<T> =>
        Apply("filter", name, () => new FilterOperator<T, FilterStruct<T, TFunction>>(new(function)));

    /// <summary>Turns each record into any number of others.</summary>
    /// <typeparam name="TOut">The new record type.</typeparam>
    /// <param name="flatMap">Called for each record; shared by all subtasks, so it keeps no state.</param>
    /// <param name="name">For display.</param>
    /// <returns>The stream of results.</returns>
    public DataStream<TOut> FlatMap<TOut>(Func<T, IEnumerable<TOut>> flatMap, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(flatMap);
        return Apply("flat-map", name, () => JitSites.Create<Operator<T, TOut>>(() => new FlatMapOperator<T, TOut, SharedSite>(flatMap), flatMap, flatMap));
    }

    /// <summary>Runs a function over each record, with side outputs and state of the subtask.</summary>
    /// <typeparam name="TOut">The type of records emitted.</typeparam>
    /// <param name="name">The operator's name; its state is found again by it.</param>
    /// <param name="factory">Makes one function per subtask and attempt.</param>
    /// <returns>The stream of records emitted.</returns>
    public DataStream<TOut> Process<TOut>(string name, Func<ProcessFunction<T, TOut>> factory)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(factory);
        return Apply(new OperatorNode<T, TOut>(name, isNamedByUser: true, () => new ProcessOperator<T, TOut>(factory)));
    }

    /// <summary>Divides the stream by key: records of equal keys meet in one subtask, in the order in which each sender sent them.</summary>
    /// <typeparam name="TKey">The key type. Keys are equal when their canonical encodings are.</typeparam>
    /// <param name="selector">Gives a record's key; never null, and always the same for the same record.</param>
    /// <returns>The keyed stream.</returns>
    public KeyedStream<TKey, T> KeyBy<TKey>(Func<T, TKey> selector)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(selector);
        var keys = KeySelector<T, TKey>.Of(selector);
        return new KeyedStream<TKey, T>(With(new HashPartitioning<T, TKey>(keys)), keys);
    }

    /// <summary>Merges streams of one type. Unlike LINQ's <c>Union</c> it keeps duplicates; there is no order between the streams.</summary>
    /// <param name="others">The streams to merge with this one.</param>
    /// <returns>The merged stream.</returns>
    public DataStream<T> Union(params DataStream<T>[] others)
    {
        ArgumentNullException.ThrowIfNull(others);
        if (others.FirstOrDefault(other => other.Builder != Builder) is { } stranger)
            throw new StreamKitException($"Union was given a stream of job '{stranger.Builder.Name}', but this one belongs to job '{Builder.Name}'. Merge streams of one builder.");
        return new DataStream<T>(Builder, [.. _origins, .. others.SelectMany(static other => other._origins)], _partitioning);
    }

    /// <summary>Assigns timestamps and makes watermarks. Directly behind a source it is done per split.</summary>
    /// <param name="strategy">Describes the strategy.</param>
    /// <returns>The stream in event time.</returns>
    public DataStream<T> AssignTimestampsAndWatermarks(Func<WatermarkStrategy<T>, WatermarkStrategy<T>> strategy)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        var described = strategy(new WatermarkStrategy<T>());
        if (_origins is [{ Node: SourceNode<T> { Strategy: null } source, Tag: null }] && _partitioning.IsForward)
        {
            source.Strategy = described;
            return this;
        }

        return Apply(new EventTimeNode<T>(Builder.Graph.NameFor("event-time"), described));
    }

    /// <summary>A side output of the operator just before.</summary>
    /// <typeparam name="TSide">The type of its records.</typeparam>
    /// <param name="tag">Which one.</param>
    /// <returns>The stream of the side output.</returns>
    public DataStream<TSide> SideOutput<TSide>(OutputTag<TSide> tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return _origins is [{ Tag: null } origin]
            ? new DataStream<TSide>(Builder, origin.Node, tag)
            : throw new StreamKitException($"Side output {tag} was asked of a union or of another side output. Ask the stream that the operator itself returned.");
    }

    /// <summary>Deals the records out to the next operator's subtasks in turn.</summary>
    /// <returns>The stream, to be read by the next verb.</returns>
    public DataStream<T> Rebalance() => With(new RebalancePartitioning<T>());

    /// <summary>Sends every record to every subtask of the next operator.</summary>
    /// <returns>The stream, to be read by the next verb.</returns>
    public DataStream<T> Broadcast() => With(new BroadcastPartitioning<T>());

    /// <summary>Sends every record to the first subtask of the next operator.</summary>
    /// <returns>The stream, to be read by the next verb.</returns>
    public DataStream<T> Global() => With(new GlobalPartitioning<T>());

    /// <summary>Sets the number of subtasks of the operator just before.</summary>
    /// <param name="parallelism">At least 1, at most the job's maximum parallelism.</param>
    /// <returns>This stream.</returns>
    public DataStream<T> WithParallelism(int parallelism)
    {
        Last(nameof(WithParallelism)).Parallelism = parallelism;
        return this;
    }

    /// <summary>Runs the operator just before in tasks of its own, instead of chained to the one before it.</summary>
    /// <returns>This stream.</returns>
    public DataStream<T> DisableChaining()
    {
        Last(nameof(DisableChaining)).IsChainingDisabled = true;
        return this;
    }

    /// <summary>Ends the stream in a sink.</summary>
    /// <param name="name">The sink's name; its transactions are found again by it.</param>
    /// <param name="sink">The sink.</param>
    /// <returns>The sink, to set its parallelism.</returns>
    public DataStreamSink SinkTo(string name, Sink<T> sink)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(sink);
        var node = new SinkNode<T>(name, sink);
        Connect(node);
        return new DataStreamSink(node);
    }

    /// <summary>Adds an operator; every verb comes down to this.</summary>
    internal DataStream<TOut> Apply<TOut>(OperatorNode<T, TOut> node)
    {
        Connect(node);
        return new DataStream<TOut>(Builder, node);
    }

    private DataStream<T> Apply(EventTimeNode<T> node)
    {
        Connect(node);
        return new DataStream<T>(Builder, node);
    }

    private DataStream<TOut> Apply<TOut>(string verb, string? name, Func<Operator<T, TOut>> factory) =>
        Apply(new OperatorNode<T, TOut>(name ?? Builder.Graph.NameFor(verb), name is not null, factory));

    private void Connect(StreamNode node)
    {
        Builder.Graph.Add(node);
        foreach (var origin in _origins)
            StreamNode.Connect(new StreamEdge(origin.Node, origin.Tag, node, _partitioning));
    }

    private DataStream<T> With(Partitioning<T> partitioning) => new(Builder, _origins, partitioning);

    private StreamNode Last(string verb) => _origins is [{ Tag: null } origin] && _partitioning.IsForward
        ? origin.Node
        : throw new StreamKitException($"{verb} was called where there is no single operator just before (behind a union, a side output or a partitioning). Call it right behind the operator it is meant for.");

    /// <summary>Where records of a stream come from.</summary>
    private readonly record struct StreamOrigin(StreamNode Node, OutputTag? Tag);
}
