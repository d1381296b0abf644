using System.Collections;
using StreamKit.State;

namespace StreamKit;

/// <content>How the entries of one key are enumerated.</content>
public sealed partial class MapState<TKey, TValue>
{
    /// <summary>Enumerates the entries of one key without allocating.</summary>
    public struct Enumerator : IEnumerator<KeyValuePair<TKey, TValue>>
    {
        private readonly MapTable<TKey, TValue> _table;
        private readonly MapCell<TKey, TValue> _cell;
        private readonly MapCell<TKey, TValue>.Entry[] _entries;
        private readonly bool _handsOut;
        private readonly int _additions;
        private readonly int _end;
        private int _next;
        private KeyValuePair<TKey, TValue> _current;

        internal Enumerator(MapTable<TKey, TValue> table, MapCell<TKey, TValue>? cell, bool handsOut)
        {
            _table = table;
            _cell = cell ?? MapTable<TKey, TValue>.None;
            _entries = _cell.Entries;
            _handsOut = handsOut && (_cell.Large is not null || table.Expires); // else a small one is handed out as a whole
            _additions = table.Additions;
            _end = _cell.End;
        }

        /// <summary>The entry the enumerator stands at.</summary>
        public readonly KeyValuePair<TKey, TValue> Current => _current;

        /// <inheritdoc/>
        readonly object IEnumerator.Current => Current;

        internal readonly int Count => _cell.Count;

        /// <summary>Moves to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="StreamKitException">An entry was added since the enumeration began.</exception>
        public bool MoveNext()
        {
            if (_table.Additions != _additions)
                ThrowAdded();
            MapCell<TKey, TValue>.Entry[] entries = _entries;
            while (_next < _end)
            {
                ref MapCell<TKey, TValue>.Entry entry = ref entries[_next++];
                if (entry.IsFree)
                    continue;
                if (!ValueKinds.Of<TValue>.AreImmutable && _handsOut)
                    _table.HandOut(_cell, _next - 1, entry.Tag);
                _current = KeyValuePair.Create(entry.Key, entry.Value);
                return true;
            }

            return false;
        }

        /// <summary>Moves before the first entry.</summary>
        public void Reset() => _next = 0;

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }

        private readonly void ThrowAdded() =>
            throw new StreamKitException($"An entry was added to map state '{_table.Name}' while it was enumerated. Note what to add, and add it behind the loop.");
    }

    /// <summary>The map's keys for one key, in no particular order.</summary>
    public readonly struct KeyCollection : IReadOnlyCollection<TKey>
    {
        private readonly Enumerator _entries;

        internal KeyCollection(Enumerator entries) => _entries = entries;

        /// <summary>The number of keys.</summary>
        public int Count => _entries.Count;

        /// <summary>Enumerates the keys without allocating.</summary>
        /// <returns>The enumerator. Valid until the call for this record or timer returns.</returns>
        public KeyEnumerator GetEnumerator() => new(_entries);

        /// <inheritdoc/>
        IEnumerator<TKey> IEnumerable<TKey>.GetEnumerator() => GetEnumerator();

        /// <inheritdoc/>
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>The map's values for one key, in no particular order.</summary>
    public readonly struct ValueCollection : IReadOnlyCollection<TValue>
    {
        private readonly Enumerator _entries;

        internal ValueCollection(Enumerator entries) => _entries = entries;

        /// <summary>The number of values.</summary>
        public int Count => _entries.Count;

        /// <summary>Enumerates the values without allocating.</summary>
        /// <returns>The enumerator. Valid until the call for this record or timer returns.</returns>
        public ValueEnumerator GetEnumerator() => new(_entries);

        /// <inheritdoc/>
        IEnumerator<TValue> IEnumerable<TValue>.GetEnumerator() => GetEnumerator();

        /// <inheritdoc/>
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>Enumerates the keys of the entries of one key.</summary>
    public struct KeyEnumerator : IEnumerator<TKey>
    {
        private Enumerator _entries;

        internal KeyEnumerator(Enumerator entries) => _entries = entries;

        /// <summary>The key the enumerator stands at.</summary>
        public readonly TKey Current => _entries.Current.Key;

        /// <inheritdoc/>
        readonly object IEnumerator.Current => Current;

        /// <summary>Moves to the next key.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="StreamKitException">An entry was added since the enumeration began.</exception>
        public bool MoveNext() => _entries.MoveNext();

        /// <summary>Moves before the first key.</summary>
        public void Reset() => _entries.Reset();

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }
    }

    /// <summary>Enumerates the values of the entries of one key.</summary>
    public struct ValueEnumerator : IEnumerator<TValue>
    {
        private Enumerator _entries;

        internal ValueEnumerator(Enumerator entries) => _entries = entries;

        /// <summary>The value the enumerator stands at.</summary>
        public readonly TValue Current => _entries.Current.Value;

        /// <inheritdoc/>
        readonly object? IEnumerator.Current => Current;

        /// <summary>Moves to the next value.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="StreamKitException">An entry was added since the enumeration began.</exception>
        public bool MoveNext() => _entries.MoveNext();

        /// <summary>Moves before the first value.</summary>
        public void Reset() => _entries.Reset();

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }
    }
}
