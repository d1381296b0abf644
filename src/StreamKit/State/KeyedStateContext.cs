using StreamKit.State;

namespace StreamKit;

/// <summary>
/// The keyed state of an operator. Ask it for handles while the operator opens; each handle then always means the key of the record or
/// timer being processed.
/// </summary>
/// <remarks>
/// State is found again by its name after a restart, whatever the parallelism; names are unique within the operator, and one name stands
/// for one kind and type of state: what a checkpoint holds is never read as something else, but refused while the operator opens.
/// </remarks>
public sealed class KeyedStateContext
{
    private readonly KeyedState _owner;
    private readonly SerializerRegistry _serializers;
    private bool _closed;

    internal KeyedStateContext(KeyedState owner, SerializerRegistry serializers)
    {
        _owner = owner;
        _serializers = serializers;
    }

    /// <summary>One value per key.</summary>
    /// <typeparam name="T">The type of the value; it must be serializable.</typeparam>
    /// <param name="name">The name, unique within the operator.</param>
    /// <param name="ttl">How long a key's value is kept after it was last written; null for ever, the default. It may be longer or shorter after a restart, for what is written from then on, but state is not taken over if it was stored with one and is declared without, or the other way round.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="StreamKitException">The name is taken, the type cannot be serialized or is not the one in the checkpoint, or the operator is open already.</exception>
    public ValueState<T> Value<T>(string name, StateTtl? ttl = null)
    {
        StateKind kind = ttl is null ? StateKind.Value : StateKind.ValueWithTtl;
        var table = new ValueTable<T>(StateSignature.Of<T>(Checked(name), kind, _serializers), _serializers.Get<T>(), ttl);
        Add(table);
        return new ValueState<T>(table);
    }

    /// <summary>A list per key.</summary>
    /// <typeparam name="T">The type of the items; it must be serializable.</typeparam>
    /// <param name="name">The name, unique within the operator.</param>
    /// <param name="ttl">How long each item is kept after it was added or replaced; null for ever, the default. It may be longer or shorter after a restart, for what is written from then on, but state is not taken over if it was stored with one and is declared without, or the other way round.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="StreamKitException">The name is taken, the type cannot be serialized or is not the one in the checkpoint, or the operator is open already.</exception>
    public ListState<T> List<T>(string name, StateTtl? ttl = null)
    {
        var table = new ListTable<T>(StateSignature.OfList<T>(Checked(name), _serializers, isTimed: ttl is not null), _serializers.Get<T>(), ttl);
        Add(table);
        return new ListState<T>(table);
    }

    /// <summary>A map per key.</summary>
    /// <typeparam name="TKey">The type of the map's keys; as those of a stream.</typeparam>
    /// <typeparam name="TValue">The type of the map's values; it must be serializable.</typeparam>
    /// <param name="name">The name, unique within the operator.</param>
    /// <param name="ttl">How long each entry is kept after it was last written; null for ever, the default. It may be longer or shorter after a restart, for what is written from then on, but state is not taken over if it was stored with one and is declared without, or the other way round.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="StreamKitException">The name is taken, a type cannot be serialized or is not the one in the checkpoint, or the operator is open already.</exception>
    public MapState<TKey, TValue> Map<TKey, TValue>(string name, StateTtl? ttl = null)
        where TKey : notnull
    {
        var table = new MapTable<TKey, TValue>(StateSignature.OfMap<TKey, TValue>(Checked(name), _serializers, isTimed: ttl is not null), _serializers.GetKey<TKey>(), _serializers.Get<TValue>(), ttl);
        Add(table);
        return new MapState<TKey, TValue>(table);
    }

    /// <summary>One value per key into which everything added is folded.</summary>
    /// <typeparam name="T">The type of the values; it must be serializable.</typeparam>
    /// <param name="name">The name, unique within the operator.</param>
    /// <param name="reduce">Folds a value into what is kept: called with what is kept and the value; must be stateless and not return null.</param>
    /// <param name="ttl">How long a key's value is kept after it was last written; null for ever, the default. It may be longer or shorter after a restart, for what is written from then on, but state is not taken over if it was stored with one and is declared without, or the other way round.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="StreamKitException">The name is taken, the type cannot be serialized or is not the one in the checkpoint, or the operator is open already.</exception>
    public ReducingState<T> Reducing<T>(string name, Func<T, T, T> reduce, StateTtl? ttl = null)
    {
        ArgumentNullException.ThrowIfNull(reduce);
        StateKind kind = ttl is null ? StateKind.Reducing : StateKind.ReducingWithTtl;
        var table = new ValueTable<T>(StateSignature.Of<T>(Checked(name), kind, _serializers), _serializers.Get<T>(), ttl);
        Add(table);
        return new ReducingState<T>(table, reduce);
    }

    /// <summary>One accumulator per key that takes up everything added.</summary>
    /// <typeparam name="TIn">The type of the values.</typeparam>
    /// <typeparam name="TAcc">The type of the accumulator; it must be serializable.</typeparam>
    /// <typeparam name="TOut">The type of the result.</typeparam>
    /// <param name="name">The name, unique within the operator.</param>
    /// <param name="function">How values are taken up and the result is made.</param>
    /// <param name="ttl">How long a key's value is kept after it was last written; null for ever, the default. It may be longer or shorter after a restart, for what is written from then on, but state is not taken over if it was stored with one and is declared without, or the other way round.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="StreamKitException">The name is taken, the type cannot be serialized or is not the one in the checkpoint, or the operator is open already.</exception>
    public AggregatingState<TIn, TOut> Aggregating<TIn, TAcc, TOut>(string name, AggregateFunction<TIn, TAcc, TOut> function, StateTtl? ttl = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        StateKind kind = ttl is null ? StateKind.Aggregating : StateKind.AggregatingWithTtl;
        var table = new ValueTable<TAcc>(StateSignature.Of<TAcc>(Checked(name), kind, _serializers), _serializers.Get<TAcc>(), ttl);
        Add(table);
        return new AccumulatorState<TIn, TAcc, TOut>(table, function);
    }

    /// <summary>Called when the operator has opened: what is declared later would not have been restored.</summary>
    internal void Close() => _closed = true;

    private string Checked(string name)
    {
        if (_closed)
            throw new StreamKitException($"State '{name}' was declared after the operator had opened. Declare all state in 'Open'.");
        return name;
    }

    private void Add(StateTable table) => _owner.AddTable(table);
}
