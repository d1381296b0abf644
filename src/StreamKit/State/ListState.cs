using System.Collections;
using StreamKit.State;

namespace StreamKit;

/// <summary>
/// A list per key, to append to and to read. Get it from the operator's state while the operator opens, and use it inside the calls for a
/// record or a timer: it always means the key of that call. It is part of every checkpoint.
/// </summary>
/// <remarks>
/// <para>
/// Items are kept in the order they were added. A list without items and no list are the same. Where <typeparamref name="T"/> is not known
/// to be immutable, an item that was handed out may be changed during the call; it must not be kept, emitted or changed afterwards.
/// </para>
/// <para>
/// A list may be long: beyond 64 items or 4 KB it is stored in rows of about 4 KB, and a checkpoint writes those rows only that have changed. Adding
/// and access by index take the same time whatever the length.
/// </para>
/// <para>
/// Enumerating sees the items there were when it began, copies nothing and allocates nothing with <c>foreach</c>. An item that is replaced
/// meanwhile is seen as it was or as it is.
/// </para>
/// </remarks>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed class ListState<T> : IEnumerable<T>
{
    private readonly ListTable<T> _table;
    private readonly KeyedState _owner;
    private readonly Column<KeyedList<T>> _column;

    internal ListState(ListTable<T> table)
    {
        _table = table;
        _owner = table.Owner;
        _column = table.Column;
    }

    /// <summary>The number of items of the current key.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public int Count => _column.TryPeek(_owner.RequireSlot(_table), out KeyedList<T> list) ? list.Count : 0;

    /// <summary>An item of the current key. Setting replaces it.</summary>
    /// <param name="index">Its place, from 0.</param>
    /// <returns>The item.</returns>
    /// <exception cref="StreamKitException">No call for a record or timer is running, there is no such item, or it is set to null.</exception>
    public T this[int index]
    {
        get
        {
            KeyedList<T> list = Read();
            if ((uint)index >= (uint)list.Count)
                ThrowNoItem(index, list.Count);
            return list.Large is null ? list.Items[index] : _column.IsImmutable ? list.Large.Items[list.Large.First + index] : list.Large.HandOut(list.Large.First + index);
        }
        set
        {
            int slot = _owner.RequireSlot(_table);
            Require(value);
            if ((uint)index >= (uint)Count)
                ThrowNoItem(index, Count);
            _table.Set(slot, index, value);
        }
    }

    /// <summary>Appends an item.</summary>
    /// <param name="item">The item; not null.</param>
    /// <exception cref="StreamKitException">No call for a record or timer is running, or the item is null.</exception>
    public void Add(T item)
    {
        int slot = _owner.RequireSlot(_table);
        Require(item);
        Append(slot, item);
    }

    /// <summary>Appends items.</summary>
    /// <param name="items">The items, none of them null. Not kept.</param>
    /// <exception cref="StreamKitException">No call for a record or timer is running, or an item is null.</exception>
    public void AddRange(IEnumerable<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        int slot = _owner.RequireSlot(_table);
        foreach (T item in items)
        {
            Require(item);
            Append(slot, item); // the place is asked for each time: the items may come from other state
        }
    }

    /// <summary>Replaces all items. Without items it is the same as <see cref="Clear"/>.</summary>
    /// <param name="items">The items, none of them null; they may come from this list. Not kept.</param>
    /// <exception cref="StreamKitException">No call for a record or timer is running, or an item is null.</exception>
    public void Update(IEnumerable<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        int slot = _owner.RequireSlot(_table);
        var gathered = default(ListCell<T>);
        foreach (T item in items)
        {
            Require(item);
            gathered.Append(item);
        }

        _table.Replace(slot, gathered);
    }

    /// <summary>Takes all items of the current key away.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public void Clear() => _table.Clear(_owner.RequireSlot(_table));

    /// <summary>Enumerates the items of the current key, in the order they were added.</summary>
    /// <returns>The enumerator. Valid until the call for this record or timer returns.</returns>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public Enumerator GetEnumerator() => new(Read(), handsOut: !_column.IsImmutable);

    /// <inheritdoc/>
    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Append(int slot, T item)
    {
        ref KeyedList<T> list = ref _column.Ref(slot, out _);
        if (list.Items is { } items && (uint)list.SmallCount < (uint)items.Length)
            items[list.SmallCount++] = item;
        else if (list.Large is { } large)
            large.Append(item);
        else
            _table.AppendToFull(ref list, slot, item);
    }

    private KeyedList<T> Read() => _column.TryGet(_owner.RequireSlot(_table), out KeyedList<T> list) ? list : default;

    private void Require(T item)
    {
        if (default(T) is null && item is null)
            throw new StreamKitException($"Null was added to list state '{_table.Name}'. A list holds items only.");
    }

    private void ThrowNoItem(int index, int count) =>
        throw new StreamKitException($"List state '{_table.Name}' has {count} items for this key: there is no item {index}.");

    /// <summary>Enumerates the items of one key without allocating.</summary>
    public struct Enumerator : IEnumerator<T>
    {
        private readonly T[] _items;
        private readonly LargeList<T>? _handsOut;
        private readonly int _first;
        private readonly int _end;
        private int _next;

        internal Enumerator(in KeyedList<T> list, bool handsOut)
        {
            _items = list.Items;
            _end = list.SmallCount;
            if (list.Large is not { } large)
                return;
            _items = large.Items;
            _handsOut = handsOut ? large : null;
            _first = _next = large.First;
            _end = large.End;
        }

        /// <summary>The item the enumerator stands at.</summary>
        public readonly T Current => ValueKinds.Of<T>.AreImmutable || _handsOut is null ? _items[_next - 1] : _handsOut.HandOut(_next - 1);

        /// <inheritdoc/>
        readonly object? IEnumerator.Current => Current;

        /// <summary>Moves to the next item.</summary>
        /// <returns>Whether there is one.</returns>
        public bool MoveNext() => _next < _end && ++_next > 0;

        /// <summary>Moves before the first item.</summary>
        public void Reset() => _next = _first;

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }
    }
}
