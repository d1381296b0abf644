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
    private bool _isPrepared;

    public KeyResolver(KeySelector<T, TKey> selector, OperatorServices services)
    {
        _selector = selector;
        _services = services;
        State = new KeyedState<TKey>(services.KeyGroups, services.MaxParallelism, services.Serializers.GetKey<TKey>()) { Clock = new TtlClock(services.TimeProvider, services.RestoredTime) };
        State.Restore(services.RestoredStates, services.NextStateId, services.RestoredSchemas);
    }

    public KeyedState<TKey> State { get; }

    /// <summary>
    /// Gives every record's key a slot, and has the values of those loaded that are not in memory. <see cref="Resolve"/> of the same records comes next.
    /// </summary>
    /// <returns>False when that takes a while; the slots stay theirs until it is done.</returns>
    public bool TryPrepare(ReadOnlySpan<T> values)
    {
        var keys = Select(values);
        _isPrepared = true;
        return State.TryResolve(keys, _slots.AsSpan(0, values.Length));
    }

    /// <summary>Gives every record's key a slot.</summary>
    /// <returns>The slots in the order of the records; valid until the next call.</returns>
    public ReadOnlySpan<int> Resolve(ReadOnlySpan<T> values)
    {
        if (!_isPrepared)
            State.Resolve(Select(values), _slots.AsSpan(0, values.Length));
        _isPrepared = false;
        return _slots.AsSpan(0, values.Length);
    }

    private ReadOnlySpan<TKey> Select(ReadOnlySpan<T> values)
    {
        if (_keys.Length < values.Length)
        {
            _keys = new TKey[values.Length];
            _slots = new int[values.Length];
        }

        var keys = _keys.AsSpan(0, values.Length);
        Select(values, keys);
        return keys;
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
