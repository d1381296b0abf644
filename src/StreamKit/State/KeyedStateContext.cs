using StreamKit.State;

namespace StreamKit;

/// <summary>
/// The keyed state of an operator. Ask it for handles while the operator opens; each handle then always means the key of the record or
/// timer being processed.
/// </summary>
/// <remarks>
/// State is found again by its name after a restart, whatever the parallelism; names are unique within the operator, and one name stands
/// for one kind of state.
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
    /// <returns>The handle.</returns>
    /// <exception cref="StreamKitException">The name is taken, the type cannot be serialized, or the operator is open already.</exception>
    public ValueState<T> Value<T>(string name)
    {
        var table = new ValueTable<T>(name, StateKind.Value, Serializer<T>(name));
        Add(table);
        return new ValueState<T>(table);
    }

    /// <summary>Called when the operator has opened: what is declared later would not have been restored.</summary>
    internal void Close() => _closed = true;

    private Serializer<T> Serializer<T>(string name)
    {
        if (_closed)
            throw new StreamKitException($"State '{name}' was declared after the operator had opened. Declare all state in 'Open'.");
        return _serializers.Get<T>();
    }

    private void Add(StateTable table) => _owner.AddTable(table);
}
