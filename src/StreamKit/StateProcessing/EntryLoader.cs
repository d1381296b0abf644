using StreamKit.Checkpoints;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.StateProcessing;

/// <summary>
/// Makes entries of the rows of one keyed state, a key at a time: the rows are loaded by the state's own table, just as a job loads them, so there is one
/// reader of each format. Used by one thread at a time.
/// </summary>
internal sealed class EntryLoader<TKey, TEntry> : IDisposable
    where TKey : notnull
{
    private readonly KeyedState<TKey> _owner;
    private readonly int _stateId;
    private readonly KeySerializer<TKey> _keys;
    private readonly EntryTable<TEntry> _table;
    private readonly RawSerializer? _raw;
    private readonly PooledBufferWriter _scratch = new();
    private readonly PooledBufferWriter _key = new();
    private int _keyGroup = -1;

    /// <param name="stored">The operator.</param>
    /// <param name="state">The state.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="maxParallelism">The number of key groups.</param>
    /// <param name="declare">Adds the state's table to an owner.</param>
    /// <param name="clock">The time by which values are over; null to read all that is stored.</param>
    /// <param name="raw">Takes values as they are, and is told of the generation of each; null for a table of the type of today, for which older rows are converted.</param>
    /// <exception cref="StreamKitException">What is stored cannot be read as the type of the table.</exception>
    public EntryLoader(
        OperatorManifest stored, StateDescriptor state, KeySerializer<TKey> keys, int maxParallelism, Func<KeyedState, EntryTable<TEntry>> declare, TtlClock? clock = null, RawSerializer? raw = null)
    {
        _owner = new KeyedState<TKey>(new KeyGroupRange(0, maxParallelism - 1), maxParallelism, keys) { Clock = clock };
        _owner.Restore([state], state.Id + 1, raw is null ? stored.Schemas : null);
        _stateId = state.Id;
        _keys = keys;
        _table = declare(_owner);
        _raw = raw;
        if (_owner.Schemas.Refusals.Count > 0)
        {
            throw new StreamKitException($"Operator '{stored.Name}': {string.Join(" ", _owner.Schemas.Refusals)}");
        }
    }

    /// <summary>Loads a row of a key; <see cref="TryTake"/> comes before those of the next one.</summary>
    public void Load(int keyGroup, ReadOnlySpan<byte> key, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value, int generation)
    {
        if (_raw is not null)
        {
            _raw.Generation = generation;
        }

        RowConversions? conversions = _owner.Schemas.Of(generation);
        _owner.Load(keyGroup, _stateId, key, subKey, conversions is null ? value : conversions.Convert(_stateId, subKey, value, _scratch));
    }

    /// <summary>Takes out what was loaded of a key.</summary>
    /// <returns>False when it has nothing.</returns>
    public bool TryTake(TKey key, out TEntry entry)
    {
        entry = default!; // what is false has no entry
        if (!_owner.TryFind(key, out int slot))
        {
            return false;
        }

        _owner.Enter(slot);
        bool has = _table.TryRead(out entry);
        _table.Clear();
        _owner.EndBatch();
        return has;
    }

    /// <summary>Goes on to the next of all rows in their order. Those of other states are passed over.</summary>
    /// <param name="row">The row.</param>
    /// <param name="generation">The <see cref="SchemaGeneration"/> in which it is written.</param>
    /// <param name="finished">What the key before it has, if the row is of another one and it has anything.</param>
    /// <returns>Whether there is something finished.</returns>
    public bool MoveTo(in SegmentRow row, int generation, out (int KeyGroup, TKey Key, TEntry Entry) finished)
    {
        finished = default;
        if (row.StateId != _stateId)
        {
            return false;
        }

        bool isFinished = false;
        if (!row.Key.SequenceEqual(_key.WrittenSpan))
        {
            isFinished = TryFinish(out finished);
            _keyGroup = row.KeyGroup;
            _key.Clear();
            _key.Write(row.Key);
        }

        Load(row.KeyGroup, row.Key, row.SubKey, row.Value, generation);
        return isFinished;
    }

    /// <summary>What the last key that was moved to has.</summary>
    /// <returns>False when there was none, or it has nothing.</returns>
    public bool TryFinish(out (int KeyGroup, TKey Key, TEntry Entry) finished)
    {
        finished = default;
        if (_keyGroup < 0)
        {
            return false;
        }

        TKey key = _keys.Read(_key.WrittenSpan);
        bool has = TryTake(key, out TEntry entry);
        finished = (_keyGroup, key, entry);
        return has;
    }

    public void Dispose()
    {
        _scratch.Dispose();
        _key.Dispose();
    }
}
