using StreamKit.Graph;
using StreamKit.Operators;
using StreamKit.State;

namespace StreamKit;

/// <summary>A stream divided by key: state and timers belong to the key of the record at hand.</summary>
/// <typeparam name="TKey">The key type.</typeparam>
/// <typeparam name="T">The record type.</typeparam>
public sealed class KeyedStream<TKey, T>
    where TKey : notnull
{
    private readonly DataStream<T> _stream;

    internal KeyedStream(DataStream<T> stream, KeySelector<T, TKey> selector)
    {
        _stream = stream;
        Selector = selector;
    }

    internal KeySelector<T, TKey> Selector { get; }

    /// <summary>Runs a function over each record, with state and timers of its key, and side outputs.</summary>
    /// <typeparam name="TOut">The type of records emitted.</typeparam>
    /// <param name="name">The operator's name; its state is found again by it.</param>
    /// <param name="factory">Makes one function per subtask and attempt; also called once by <c>Build()</c>, to look at its state.</param>
    /// <returns>The stream of records emitted.</returns>
    public DataStream<TOut> Process<TOut>(string name, Func<KeyedProcessFunction<TKey, T, TOut>> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return Apply<TOut>(name, () => new KeyedProcessOperator<TKey, T, TOut>(Selector, factory), graph => StateFields.Check(name, factory(), graph.Serializers));
    }

    /// <summary>Folds the records of each key into an accumulator, and emits it after each record.</summary>
    /// <typeparam name="TAccumulator">The accumulator: a struct, or a class that is changed in place. An immutable class replaced at every record is slow.</typeparam>
    /// <param name="name">The operator's name; its state is found again by it.</param>
    /// <param name="seed">Makes the accumulator of a key's first record.</param>
    /// <param name="fold">Adds a record; shared by all subtasks, so it keeps no state of its own.</param>
    /// <returns>The stream of accumulators.</returns>
    public DataStream<TAccumulator> Scan<TAccumulator>(string name, Func<TAccumulator> seed, Func<TAccumulator, T, TAccumulator> fold)
    {
        ArgumentNullException.ThrowIfNull(seed);
        ArgumentNullException.ThrowIfNull(fold);
        return Apply<TAccumulator>(
            name,
            () => JitSites.Create<Operator<T, TAccumulator>>(() => new ScanOperator<TKey, T, TAccumulator, SharedSite>(Selector, seed, fold), fold, Selector, seed, fold),
            graph => StateFields.Check(name, typeof(TAccumulator), graph.Serializers),
            states: static serializers => [ScanOperator<TKey, T, TAccumulator, SharedSite>.Signature(serializers)]);
    }

    /// <summary>Combines the records of each key into one, and emits it after each record (LINQ's <c>Aggregate</c>, but running).</summary>
    /// <param name="name">The operator's name; its state is found again by it.</param>
    /// <param name="reduce">Combines what was so far with a record; shared by all subtasks, so it keeps no state of its own.</param>
    /// <returns>The stream of combined records.</returns>
    public DataStream<T> Reduce(string name, Func<T, T, T> reduce)
    {
        ArgumentNullException.ThrowIfNull(reduce);
        return Apply<T>(
            name,
            () => JitSites.Create<Operator<T, T>>(() => new ReduceOperator<TKey, T, SharedSite>(Selector, reduce), reduce, Selector, reduce),
            graph => StateFields.Check(name, typeof(T), graph.Serializers),
            states: static serializers => [ReduceOperator<TKey, T, SharedSite>.Signature(serializers)]);
    }

    /// <summary>Adds an operator with keyed state; every verb comes down to this.</summary>
    internal DataStream<TOut> Apply<TOut>(
        string name,
        Func<Operator<T, TOut>> factory,
        Func<GraphContext, IEnumerable<string>> check,
        bool needsEventTime = false,
        Func<SerializerRegistry, IReadOnlyList<StateSignature>>? states = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        var node = new OperatorNode<T, TOut>(name, isNamedByUser: true, factory)
        {
            KeyedState = new KeyedStateDeclaration(static serializers => serializers.GetKey<TKey>().Schema, states ?? (static _ => [])),
        };
        node.Checks.Add(graph => graph.Serializers.CheckKey(typeof(TKey)).Select(problem => $"Operator '{name}': {problem}"));
        node.Checks.Add(check);
        if (needsEventTime)
            node.Checks.Add(_ => EventTimeCheck.Missing(node));
        return _stream.Apply(node);
    }
}
