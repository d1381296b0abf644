using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>The keyed state of an operator and subtask, and the way from a batch of records to their slots in it. Allocates nothing per batch.</summary>
internal sealed class KeyResolver<TKey, T>
    where TKey : notnull
{
    private readonly KeySelector<T, TKey> _selector;
    private readonly OperatorServices _services;
    private TKey[] _keys = [];
    private int[] _slots = [];

    public KeyResolver(KeySelector<T, TKey> selector, OperatorServices services)
    {
        _selector = selector;
        _services = services;
        State = new KeyedState<TKey>(services.KeyGroups, services.MaxParallelism, services.Serializers.GetKey<TKey>()) { Clock = new TtlClock(services.TimeProvider, services.RestoredTime) };
        State.Restore(services.RestoredStates, services.NextStateId, services.RestoredSchemas);
    }

    public KeyedState<TKey> State { get; }

    /// <summary>Gives every record's key a slot.</summary>
    /// <returns>The slots in the order of the records; valid until the next call.</returns>
    public ReadOnlySpan<int> Resolve(ReadOnlySpan<T> values)
    {
        if (_keys.Length < values.Length)
        {
            _keys = new TKey[values.Length];
            _slots = new int[values.Length];
        }

        var keys = _keys.AsSpan(0, values.Length);
        var slots = _slots.AsSpan(0, values.Length);
        Select(values, keys);
        State.Resolve(keys, slots);
        return slots;
    }

    private void Select(ReadOnlySpan<T> values, Span<TKey> keys)
    {
        var at = 0;
        try
        {
            _selector.Select(values, keys, ref at);
        }
        catch (Exception cause)
        {
            throw _services.Explain(cause, values[at]);
        }
    }
}
