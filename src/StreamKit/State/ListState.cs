using System.Collections;
using StreamKit.State;

namespace StreamKit;

/// <summary>
/// A list per key, to append to and to read. Get it from the operator's state while the operator opens, and use it inside the calls for a
/// record or a timer: it always means the key of that call. It is part of every checkpoint.
/// </summary>
/// <remarks>
/// Items are kept in the order they were added. A list without items and no list are the same. Where <typeparamref name="T"/> is not known
/// to be immutable, an item that was handed out may be changed during the call; it must not be kept, emitted or changed afterwards.
/// Enumerating sees the items there were when it began, and allocates nothing with <c>foreach</c>.
/// </remarks>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed class ListState<T> : IEnumerable<T>
{
    private readonly ListTable<T> _table;
    private readonly KeyedState _owner;
    private readonly Column<ListCell<T>> _column;

    internal ListState(ListTable<T> table)
    {
        _table = table;
        _owner = table.Owner;
        _column = table.Column;
    }

    /// <summary>The number of items of the current key.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public int Count => _column.TryPeek(_owner.RequireSlot(_table), out ListCell<T> cell) ? cell.Count : 0;

    /// <summary>An item of the current key.</summary>
    /// <param name="index">Its place, from 0.</param>
    /// <returns>The item.</returns>
    /// <exception cref="StreamKitException">No call for a record or timer is running, or there is no such item.</exception>
    public T this[int index]
    {
        get
        {
            ListCell<T> cell = Read();
            if ((uint)index >= (uint)cell.Count)
                throw new StreamKitException($"List state '{_table.Name}' has {cell.Count} items for this key: there is no item {index}.");
            return cell.Items[index];
        }
    }

    /// <summary>Appends an item.</summary>
    /// <param name="item">The item; not null.</param>
    /// <exception cref="StreamKitException">No call for a record or timer is running, or the item is null.</exception>
    public void Add(T item)
    {
        int slot = _owner.RequireSlot(_table);
        Require(item);
        _column.Ref(slot, out _).Append(item);
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
            _column.Ref(slot, out _).Append(item); // the place is asked for each time: the items may come from other state
        }
    }

    /// <summary>Replaces all items. Without items it is the same as <see cref="Clear"/>.</summary>
    /// <param name="items">The items, none of them null; they may come from this list. Not kept.</param>
    /// <exception cref="StreamKitException">No call for a record or timer is running, or an item is null.</exception>
    public void Update(IEnumerable<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        int slot = _owner.RequireSlot(_table);
        var cell = default(ListCell<T>);
        foreach (T item in items)
        {
            Require(item);
            cell.Append(item);
        }

        if (cell.Count == 0)
            _column.Clear(slot);
        else
            _column.Set(slot, cell);
    }

    /// <summary>Takes all items of the current key away.</summary>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public void Clear() => _column.Clear(_owner.RequireSlot(_table));

    /// <summary>Enumerates the items of the current key, in the order they were added.</summary>
    /// <returns>The enumerator. Valid until the call for this record or timer returns.</returns>
    /// <exception cref="StreamKitException">No call for a record or timer is running.</exception>
    public Enumerator GetEnumerator() => new(Read());

    /// <inheritdoc/>
    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private ListCell<T> Read() => _column.TryGet(_owner.RequireSlot(_table), out ListCell<T> cell) ? cell : default;

    private void Require(T item)
    {
        if (default(T) is null && item is null)
            throw new StreamKitException($"Null was added to list state '{_table.Name}'. A list holds items only.");
    }

    /// <summary>Enumerates the items of one key without allocating.</summary>
    public struct Enumerator : IEnumerator<T>
    {
        private readonly ListCell<T> _cell;
        private int _next;

        internal Enumerator(ListCell<T> cell) => _cell = cell;

        /// <summary>The item the enumerator stands at.</summary>
        public readonly T Current => _cell.Items[_next - 1];

        /// <inheritdoc/>
        readonly object? IEnumerator.Current => Current;

        /// <summary>Moves to the next item.</summary>
        /// <returns>Whether there is one.</returns>
        public bool MoveNext() => _next < _cell.Count && ++_next > 0;

        /// <summary>Moves before the first item.</summary>
        public void Reset() => _next = 0;

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }
    }
}
