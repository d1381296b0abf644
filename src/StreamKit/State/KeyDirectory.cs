using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// The keys of one operator and subtask: key to slot by hash, slot to key and key group by pages. Owned by one thread.
/// Slots are dense, and freed ones are used again, last in first out, so that columns stay small.
/// </summary>
internal sealed class KeyDirectory<TKey>
    where TKey : notnull
{
    /// <summary>Above this the directory no longer fits into the second-level cache, and lookups are staged to overlap their misses.</summary>
    private const long BytesWorthPrefetching = 256 * 1024;

    /// <summary>Keys whose cache lines are asked for before the first is used: their lines fill a part of the first-level cache.</summary>
    private const int StageSize = 128;

    private readonly SlotIndex _index = new();
    private readonly Column<TKey> _keys = new(owner: null, immutable: true, codec: null);
    private readonly Column<ushort> _keyGroups = new(owner: null, immutable: true, codec: null);
    private readonly KeySerializer<TKey> _serializer;
    private readonly KeyGroupRange _range;
    private readonly int _maxParallelism;
    private int[] _free = [];
    private int _freeCount;
    private int _next;

    public KeyDirectory(KeySerializer<TKey> keys, KeyGroupRange range, int maxParallelism)
    {
        _serializer = keys;
        _range = range;
        _maxParallelism = maxParallelism;
    }

    /// <summary>The number of keys.</summary>
    public int Count => _index.Count;

    /// <summary>Whether a lookup is likely to miss the cache.</summary>
    public bool IsLarge => _index.Bytes > BytesWorthPrefetching;

    /// <summary>The keys by slot.</summary>
    public Column<TKey> Keys => _keys;

    /// <summary>The key groups by slot.</summary>
    public Column<ushort> KeyGroups => _keyGroups;

    /// <summary>Finds a key; −1 if it has no slot.</summary>
    public int Find(TKey key) => Find(key, KeyHashing.Tag(key));

    /// <summary>Finds a key, or gives it a slot.</summary>
    /// <param name="key">The key.</param>
    /// <param name="created">Receives true if the slot is new.</param>
    public int FindOrCreate(TKey key, out bool created)
    {
        uint tag = KeyHashing.Tag(key);
        int slot = Find(key, tag);
        created = slot < 0;
        return created ? Create(key, tag) : slot;
    }

    /// <summary>Finds the slots of keys in order. Where one has none, −1 is left and the result is false.</summary>
    public bool TryFindAll(ReadOnlySpan<TKey> keys, Span<int> slots)
    {
        if (!IsLarge || !Sse.IsSupported)
            return FindUnstaged(keys, slots);

        bool all = true;
        while (!keys.IsEmpty)
        {
            int stage = Math.Min(StageSize, keys.Length);
            all &= FindStaged(keys[..stage], slots[..stage]);
            keys = keys[stage..];
            slots = slots[stage..];
        }

        return all;
    }

    /// <summary>Frees the slot of a key. Its columns must be empty.</summary>
    public void Remove(int slot)
    {
        _index.Remove(KeyHashing.Tag(_keys.Known(slot)), slot);
        _keys.Clear(slot);
        _keyGroups.Clear(slot);
        if (_freeCount == _free.Length)
            Array.Resize(ref _free, Math.Max(64, _free.Length * 2));
        _free[_freeCount++] = slot;
    }

    private int Create(TKey key, uint tag)
    {
        int keyGroup = State.KeyGroups.Of(_serializer.Hash(key), _maxParallelism); // first, so that a key that cannot be encoded leaves nothing behind
        if (!_range.Contains(keyGroup))
            throw new StreamKitException($"Key '{key}' belongs to key group {keyGroup}, but this subtask holds {_range}: its record was sent to the wrong subtask.");

        int slot = _freeCount > 0 ? _free[--_freeCount] : _next++;
        _keys.Set(slot, key);
        _keyGroups.Set(slot, (ushort)keyGroup);
        _index.Insert(tag, slot);
        return slot;
    }

    private int Find(TKey key, uint tag) => FindIn(_index.EntriesOf(tag), _keys.Reader, key, tag);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FindIn(ulong[] entries, Column<TKey>.KnownReader known, TKey key, uint tag)
    {
        ref ulong first = ref MemoryMarshal.GetArrayDataReference(entries);
        uint mask = (uint)entries.Length - 1;
        for (uint i = tag & mask; ; i = (i + 1) & mask)
        {
            ulong entry = Unsafe.Add(ref first, i);
            if (entry == 0)
                return -1;
            if (SlotIndex.TagOf(entry) == tag && KeyHashing.Same(known.At(SlotIndex.SlotOf(entry)), key))
                return SlotIndex.SlotOf(entry);
        }
    }

    private bool FindUnstaged(ReadOnlySpan<TKey> keys, Span<int> slots)
    {
        bool all = true;
        Column<TKey>.KnownReader known = _keys.Reader;
        SlotIndex.Lookup segments = _index.Segments;
        ulong[]? only = _index.OnlySegment;
        for (int i = 0; i < keys.Length; i++)
        {
            uint tag = KeyHashing.Tag(keys[i]);
            int slot = FindIn(only ?? segments.Of(tag), known, keys[i], tag);
            slots[i] = slot;
            all &= slot >= 0;
        }

        return all;
    }

    // Three passes, so that the misses of one pass overlap: ask for the entries; read them and ask for the keys; compare the keys.
    private unsafe bool FindStaged(ReadOnlySpan<TKey> keys, Span<int> slots)
    {
        Span<uint> tags = stackalloc uint[StageSize];
        tags = tags[..keys.Length];
        SlotIndex.Lookup segments = _index.Segments;
        Column<TKey>.KnownReader known = _keys.Reader;
        for (int i = 0; i < tags.Length; i++)
        {
            uint tag = KeyHashing.Tag(keys[i]);
            tags[i] = tag;
            ulong[] entries = segments.Of(tag);
            Prefetch(in entries[(int)(tag & (uint)(entries.Length - 1))]);
        }

        for (int i = 0; i < tags.Length; i++)
        {
            int slot = FindTag(segments.Of(tags[i]), tags[i]);
            slots[i] = slot;
            if (slot >= 0)
                Prefetch(in known.At(slot));
        }

        bool all = true;
        for (int i = 0; i < tags.Length; i++)
        {
            int slot = slots[i];
            if (slot >= 0 && !KeyHashing.Same(known.At(slot), keys[i]))
                slots[i] = slot = FindIn(segments.Of(tags[i]), known, keys[i], tags[i]); // another key with the same tag stands before it
            all &= slot >= 0;
        }

        return all;
    }

    // The first slot with this tag: the right one but for one key in thousands.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FindTag(ulong[] entries, uint tag)
    {
        ref ulong first = ref MemoryMarshal.GetArrayDataReference(entries);
        uint mask = (uint)entries.Length - 1;
        for (uint i = tag & mask; ; i = (i + 1) & mask)
        {
            ulong entry = Unsafe.Add(ref first, i);
            if (entry == 0)
                return -1;
            if (SlotIndex.TagOf(entry) == tag)
                return SlotIndex.SlotOf(entry);
        }
    }

    // The address may be stale when the instruction runs: a prefetch of any address is only a hint.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Prefetch<T>(ref readonly T place) => Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in place)));
}
