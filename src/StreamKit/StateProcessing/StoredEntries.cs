using System.Runtime.CompilerServices;
using StreamKit.Checkpoints;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.StateProcessing;

/// <summary>What a state has for the key at hand.</summary>
/// <returns>False when it has nothing.</returns>
internal delegate bool EntryReader<TEntry>(out TEntry entry);

/// <summary>
/// Reads one keyed state, key by key: the rows of some keys at a time are loaded by the state's own table, just as a job loads them, so there is one
/// reader of each format.
/// </summary>
/// <param name="store">Where the files are.</param>
/// <param name="stored">The operator.</param>
/// <param name="state">The state.</param>
/// <param name="keys">Its keys.</param>
/// <param name="maxParallelism">The number of key groups.</param>
/// <param name="declare">Adds the state's table to an owner and gives what reads it.</param>
/// <param name="raw">Takes values as they are, and is told of the generation of each; null for a table of the type of today, for which older rows are converted.</param>
internal sealed class StoredEntries<TKey, TEntry>(
    ICheckpointStore store, OperatorManifest stored, StateDescriptor state, KeySerializer<TKey> keys, int maxParallelism, Func<KeyedState, EntryReader<TEntry>> declare, RawSerializer? raw = null)
    where TKey : notnull
{
    /// <summary>As much as is read at once from a store; less would make a table for a handful of keys.</summary>
    private const int BytesAtATime = 1 << 20;

    public async IAsyncEnumerable<TResult> ReadAsync<TResult>(Func<int, TKey, TEntry, TResult> select, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using StoredRows rows = await StoredRows.OpenAsync(store, stored, cancellationToken);
        using var scratch = new PooledBufferWriter();
        Some some = NewSome(scratch);
        while (await rows.MoveNextAsync(cancellationToken))
        {
            if (some.TryAdd(rows.Current, rows.Generation))
            {
                continue;
            }

            foreach (TResult each in some.Entries(select))
            {
                yield return each;
            }

            some = NewSome(scratch);
            some.TryAdd(rows.Current, rows.Generation);
        }

        foreach (TResult each in some.Entries(select))
        {
            yield return each;
        }
    }

    private Some NewSome(PooledBufferWriter scratch)
    {
        var owner = new KeyedState<TKey>(new KeyGroupRange(0, maxParallelism - 1), maxParallelism, keys);
        owner.Restore([state], state.Id + 1, raw is null ? stored.Schemas : null);
        var reader = declare(owner);
        return owner.Schemas.Refusals.Count == 0
            ? new Some(owner, state.Id, keys, reader, raw, scratch)
            : throw new StreamKitException($"Operator '{stored.Name}': {string.Join(" ", owner.Schemas.Refusals)}");
    }

    /// <summary>The keys at hand.</summary>
    private sealed class Some(KeyedState<TKey> owner, int stateId, KeySerializer<TKey> serializer, EntryReader<TEntry> read, RawSerializer? raw, PooledBufferWriter scratch)
    {
        private readonly List<TKey> _keys = [];
        private byte[] _lastKey = [];
        private int _bytes;

        /// <summary>Takes a row in; false when it begins another key and there is enough at hand.</summary>
        public bool TryAdd(SegmentRow row, int generation)
        {
            if (row.StateId != stateId)
            {
                return true;
            }

            if (_keys.Count == 0 || !row.Key.SequenceEqual(_lastKey))
            {
                if (_bytes >= BytesAtATime)
                {
                    return false;
                }

                _lastKey = row.Key.ToArray();
                _keys.Add(serializer.Read(row.Key));
            }

            _bytes += EntryReaders.LengthOf(row);
            if (raw is not null)
            {
                raw.Generation = generation;
            }

            RowConversions? conversions = owner.Schemas.Of(generation);
            owner.Load(row.KeyGroup, row.StateId, row.Key, row.SubKey, conversions is null ? row.Value : conversions.Convert(stateId, row.SubKey, row.Value, scratch));
            return true;
        }

        public IEnumerable<TResult> Entries<TResult>(Func<int, TKey, TEntry, TResult> select)
        {
            foreach (TKey key in _keys)
            {
                if (!owner.TryFind(key, out int slot))
                {
                    continue;
                }

                owner.CurrentSlot = slot;
                if (read(out TEntry entry))
                {
                    yield return select(owner.KeyGroupOf(slot), key, entry);
                }
            }
        }
    }
}
