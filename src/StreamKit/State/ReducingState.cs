using System.Diagnostics.CodeAnalysis;
using StreamKit.State;

namespace StreamKit;

/// <summary>
/// One value per key into which everything added is folded by one function: a sum, a minimum, the latest. Get it from the operator's state
/// while the operator opens, and use it inside the calls for a record or a timer. It is part of every checkpoint.
/// </summary>
/// <typeparam name="T">The type of the values and of the result. A struct is updated in place.</typeparam>
public sealed class ReducingState<T>
{
    private readonly ValueTable<T> _table;
    private readonly KeyedState _owner;
    private readonly Column<T> _column;
    private readonly Func<T, T, T> _reduce;

    internal ReducingState(ValueTable<T> table, Func<T, T, T> reduce)
    {
        _table = table;
        _owner = table.Owner;
        _column = table.Column;
        _reduce = reduce;
    }

    /// <summary>What all values added for the current key were folded into; default when there is none.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public T? Value => TryGet(out T? value) ? value : default;

    /// <summary>Whether anything was added for the current key.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public bool HasValue => _column.Has(_owner.RequireSlot(_table));

    /// <summary>Folds a value in. The first one is kept as it is; from the second on the function is called with what is kept and the value.</summary>
    /// <param name="value">The value; not null.</param>
    /// <exception cref="StreamKitException">No call for a record or timer is running, or the value or the function's result is null.</exception>
    public void Add(T value)
    {
        int slot = _owner.RequireSlot(_table);
        T result = _column.TryGet(slot, out T? kept) ? _reduce(kept, value) : value;
        if (default(T) is null && result is null)
            throw new StreamKitException($"Null was added to reducing state '{_table.Name}', or its function returned null.");
        _column.Set(slot, result);
    }

    /// <summary>Gets the folded value of the current key if anything was added.</summary>
    /// <param name="value">Receives the value.</param>
    /// <returns>Whether anything was added.</returns>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public bool TryGet([MaybeNullWhen(false)] out T value) => _column.TryGet(_owner.RequireSlot(_table), out value);

    /// <summary>Takes the folded value of the current key away.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public void Clear() => _column.Clear(_owner.RequireSlot(_table));
}
