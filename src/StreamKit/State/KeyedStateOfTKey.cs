using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>The keyed state of one operator and subtask, with its keys. See <see cref="KeyedState"/>.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
internal sealed class KeyedState<TKey> : KeyedState
    where TKey : notnull
{
    private readonly KeySerializer<TKey> _serializer;
    private readonly KeyDirectory<TKey> _directory;
    private byte[] _loadedKey = new byte[64];
    private int _loadedKeyLength;
    private int _loadedSlot = -1;

    public KeyedState(KeyGroupRange range, int maxParallelism, KeySerializer<TKey> keys)
        : base(range, maxParallelism)
    {
        _serializer = keys;
        _directory = new KeyDirectory<TKey>(keys, range, maxParallelism);
    }

    public override TypeSchema KeySchema => _serializer.Schema;

    public override int LiveKeys => _directory.Count;

    /// <summary>Finds the slots of a batch's keys, and gives one to each key that has none: one hash lookup per record, for all its state.</summary>
    /// <param name="keys">The keys of the records, in order. None may be null.</param>
    /// <param name="slots">Receives the slots, as many as there are keys. Valid until <see cref="KeyedState.EndBatch"/>.</param>
    public void Resolve(ReadOnlySpan<TKey> keys, Span<int> slots)
    {
        slots = slots[..keys.Length];
        if (!_directory.TryFindAll(keys, slots))
            CreateMissing(keys, slots);
        Expire(slots);
        if (_directory.IsLarge)
        {
            foreach (StateTable table in TableList)
                table.Prefetch(slots);
        }
    }

    /// <summary>As <see cref="Resolve"/>, and has the keys' values loaded that are not in memory.</summary>
    /// <returns>False when that takes a while: the slots stay valid until all is there.</returns>
    public bool TryResolve(ReadOnlySpan<TKey> keys, Span<int> slots)
    {
        Resolve(keys, slots);
        return Residency is null || Residency.TryLoad(slots[..keys.Length]);
    }

    /// <summary>Finds a key without giving it a slot.</summary>
    public bool TryFind(TKey key, out int slot)
    {
        slot = _directory.Find(key);
        return slot >= 0;
    }

    /// <summary>The key that a slot in use was given to.</summary>
    public TKey KeyOf(int slot) => _directory.Keys[slot];

    /// <summary>The key group of the key that a slot in use was given to.</summary>
    public int KeyGroupOf(int slot) => _directory.KeyGroups[slot];

    public override void Load(int keyGroup, int stateId, ReadOnlySpan<byte> key, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        if (!Range.Contains(keyGroup))
            return;
        if (TableOf(stateId) is not { } table)
            return;
        table.Load(key.IsEmpty ? -1 : SlotOf(keyGroup, key), keyGroup, subKey, value);
    }

    internal override int SlotEnd => _directory.SlotEnd;

    internal override int KeyBytes => KeyDirectory<TKey>.BytesPerKey + sizeof(int);

    internal override int KeyGroupAt(int slot) => _directory.KeyGroups[slot];

    internal override void WriteKey(int slot, PooledBufferWriter output) => _serializer.Write(output, _directory.Keys[slot]);

    // The rows of a list or map come one after the other: the key is read once.
    internal override int SlotOf(int keyGroup, ReadOnlySpan<byte> key)
    {
        if (_loadedSlot >= 0 && key.SequenceEqual(_loadedKey.AsSpan(0, _loadedKeyLength)))
            return _loadedSlot;

        int slot = FindOrCreate(_serializer.Read(key));
        if (KeyGroupOf(slot) != keyGroup)
        {
            throw new StreamKitException(
                $"Key '{KeyOf(slot)}' stands in key group {keyGroup} of the checkpoint, but belongs to {KeyGroupOf(slot)} of {MaxParallelism}. "
                + "The checkpoint was written with another maximum parallelism or another encoding of keys, or is damaged.");
        }

        _loadedSlot = slot;
        _loadedKeyLength = key.Length;
        if (key.Length > _loadedKey.Length)
            _loadedKey = new byte[key.Length * 2];
        key.CopyTo(_loadedKey);
        return slot;
    }

    internal override bool TryFind(ReadOnlySpan<byte> key, out int slot) => TryFind(_serializer.Read(key), out slot);

    private protected override KeyedStateCut BeginCut(CutTable[] tables, StateDescriptor[] states, SpilledRows? spilled) =>
        new KeyedStateCut<TKey>(tables, states, Range, _directory, _serializer) { NextStateId = NextStateId, Spilled = spilled, Captured = Residency?.Captured, PassedOn = PassOn(Residency) };

    private static Action? PassOn(Residency? residency)
    {
        if (residency is null)
            return null;
        long cut = residency.LastCut;
        return () => residency.PassOn(cut);
    }

    private protected override void Recycle(int slot)
    {
        if (slot == _loadedSlot)
            _loadedSlot = -1;
        _directory.Remove(slot);
    }

    private void CreateMissing(ReadOnlySpan<TKey> keys, Span<int> slots)
    {
        for (int i = 0; i < slots.Length; i++)
        {
            if (slots[i] < 0)
                slots[i] = FindOrCreate(keys[i]);
        }
    }

    private int FindOrCreate(TKey key)
    {
        int slot = _directory.FindOrCreate(key, out bool created);
        if (created)
            Created(slot);
        return slot;
    }
}
