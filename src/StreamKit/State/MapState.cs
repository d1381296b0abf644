using System.Collections;
using System.Diagnostics.CodeAnalysis;
using StreamKit.State;

namespace StreamKit;

/// <summary>
/// A map per key, from keys of its own to values. Get it from the operator's state while the operator opens, and use it inside the calls
/// for a record or a timer: it always means the key of that call. It is part of every checkpoint.
/// </summary>
/// <remarks>
/// <para>A map without entries and no map are the same. Entries come in no particular order, and in another one after a restart.</para>
/// <para>
/// The map's keys are equal when their canonical encodings are, like the keys of a stream: types for which <c>Equals</c> may differ from
/// that are refused when the state is declared.
/// </para>
/// <para>
/// Where <typeparamref name="TValue"/> is not known to be immutable, a value that was handed out may be changed during the call; it must not
/// be kept, emitted or changed afterwards.
/// </para>
/// <para>
/// A map may have many entries: beyond 89, or 4 KB, it is stored in rows of up to 4 KB, by the hashes of their keys, and a checkpoint writes those
/// rows only that have changed. Access takes the same time whatever their number.
/// </para>
/// <para>
/// Enumerating copies nothing, and allocates nothing with <c>foreach</c>. During it entries may be removed, and those that exist set; such an
/// entry is seen as it was or as it is. When one was added, the enumerator throws.
/// </para>
/// </remarks>
/// <typeparam name="TKey">The type of the map's keys.</typeparam>
/// <typeparam name="TValue">The type of the map's values.</typeparam>
public sealed partial class MapState<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    private readonly MapTable<TKey, TValue> _table;
    private readonly KeyedState _owner;
    private readonly Column<MapCell<TKey, TValue>> _column;

    internal MapState(MapTable<TKey, TValue> table)
    {
        _table = table;
        _owner = table.Owner;
        _column = table.Column;
    }

    /// <summary>The number of entries of the current key.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public int Count => Peek()?.Count ?? 0;

    /// <summary>The map's keys for the current key, in no particular order. Valid until the call for this record or timer returns.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public KeyCollection Keys => new(new Enumerator(_table, Peek(), handsOut: false));

    /// <summary>The map's values for the current key, in no particular order. Valid until the call for this record or timer returns.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public ValueCollection Values => new(GetEnumerator());

    /// <summary>The value of an entry. Setting adds the entry or replaces its value.</summary>
    /// <param name="key">The entry's key.</param>
    /// <exception cref="StreamKitException">No call for a record or timer is running, there is no such entry to read, or null is stored.</exception>
    public TValue this[TKey key]
    {
        get => TryGetValue(key, out TValue? value)
            ? value
            : throw new StreamKitException($"Map state '{_table.Name}' has no entry '{key}' for this key. Ask with 'TryGetValue'.");
        set
        {
            int slot = _owner.RequireSlot(_table);
            if (default(TValue) is null && value is null)
                throw new StreamKitException($"Null was stored in map state '{_table.Name}' under '{key}'. Remove the entry instead.");
            if (default(TKey) is null && key is null)
                throw new StreamKitException($"A null key was stored in map state '{_table.Name}'.");
            _table.Set(slot, key, value);
        }
    }

    /// <summary>Whether the current key's map has an entry.</summary>
    /// <param name="key">The entry's key.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public bool ContainsKey(TKey key) => Peek() is { } cell && cell.Find(key) >= 0;

    /// <summary>Gets the value of an entry if there is one.</summary>
    /// <param name="key">The entry's key.</param>
    /// <param name="value">Receives the value.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => _table.TryGetValue(_owner.RequireSlot(_table), key, out value);

    /// <summary>Takes an entry out.</summary>
    /// <param name="key">The entry's key.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public bool Remove(TKey key) => _table.Remove(_owner.RequireSlot(_table), key);

    /// <summary>Takes all entries of the current key out.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public void Clear() => _table.Clear(_owner.RequireSlot(_table));

    /// <summary>Enumerates the entries of the current key, in no particular order.</summary>
    /// <returns>The enumerator. Valid until the call for this record or timer returns.</returns>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public Enumerator GetEnumerator()
    {
        _column.TryGet(_owner.RequireSlot(_table), out MapCell<TKey, TValue>? cell);
        return new Enumerator(_table, cell, handsOut: !_column.IsImmutable);
    }

    /// <inheritdoc/>
    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private MapCell<TKey, TValue>? Peek() => _column.TryPeek(_owner.RequireSlot(_table), out MapCell<TKey, TValue>? cell) ? cell : null;
}
