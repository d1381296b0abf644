using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using StreamKit.State;

namespace StreamKit;

/// <summary>
/// One value per key. Get it from the operator's state while the operator opens, and use it inside the calls for a record or a timer:
/// it always means the key of that call. It is part of every checkpoint.
/// </summary>
/// <remarks>
/// <para>Absent is not default: a key that has stored the default value has one, see <see cref="HasValue"/>.</para>
/// <para>
/// Where <typeparamref name="T"/> is known to be immutable (numbers, strings, other plain values, structs of these, sealed records with
/// read-only members) the state changes only when it is set. Of any other type every object that <see cref="Value"/>, <see cref="TryGet"/>
/// or <see cref="Peek"/> hands out may be changed by its holder during the call; it must not be kept, emitted or changed afterwards.
/// </para>
/// </remarks>
/// <typeparam name="T">The type of the value. Structs are stored without boxing and can be updated in place through <see cref="Ref"/>.</typeparam>
public sealed class ValueState<T>
{
    private readonly ValueTable<T> _table;
    private readonly KeyedState _owner;
    private readonly Column<T> _column;

    internal ValueState(ValueTable<T> table)
    {
        _table = table;
        _owner = table.Owner;
        _column = table.Column;
    }

    /// <summary>
    /// The value of the current key. Reading gives the default of <typeparamref name="T"/> when there is none. Setting stores;
    /// setting null clears.
    /// </summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    [MaybeNull]
    public T Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _column.TryGet(_owner.RequireSlot(_table), out T? value) ? value : default;
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set
        {
            if (default(T) is null && value is null)
                Clear();
            else
                _column.Set(_owner.RequireSlot(_table), value);
        }
    }

    /// <summary>Whether the current key has a value.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public bool HasValue => _column.Has(_owner.RequireSlot(_table));

    /// <summary>
    /// The value of the current key, for reading only: an object got here must not be changed. Default when there is none.
    /// Reading it never makes the key part of the next incremental checkpoint.
    /// </summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public T? Peek => _column.TryPeek(_owner.RequireSlot(_table), out T? value) ? value : default;

    /// <summary>
    /// The place of the current key's value, to update a struct without copying it. Storing through it stores; where there was no value,
    /// there is the default one from now on. The reference is valid until the call for this record or timer returns, and not beyond
    /// <see cref="Clear"/>.
    /// </summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running, or <typeparamref name="T"/> is a class.</exception>
    public ref T Ref
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (!typeof(T).IsValueType)
                ThrowClass();
            return ref _column.Ref(_owner.RequireSlot(_table), out _);
        }
    }

    /// <summary>Gets the value of the current key if there is one.</summary>
    /// <param name="value">Receives the value.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public bool TryGet([MaybeNullWhen(false)] out T value) => _column.TryGet(_owner.RequireSlot(_table), out value);

    /// <summary>Takes the value of the current key away. Does nothing when there is none.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public void Clear() => _column.Clear(_owner.RequireSlot(_table));

    private void ThrowClass() => throw new StreamKitException(
        $"State '{_table.Name}' holds '{typeof(T)}', a class: a reference to its place could store null. Use 'Value', or make it a struct.");
}
