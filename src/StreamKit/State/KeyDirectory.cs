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
    private readonly SlotArray<TKey> _keys = new();
    private readonly SlotArray<ushort> _keyGroups = new();
    private readonly KeySerializer<TKey> _serializer;
    private readonly KeyGroupRange _range;
    private readonly int _maxParallelism;
    private int[] _free = [];
    private int _freeCount;
    private int _next;

    // True as long as a tag tells every key from every other, so that keys need not be looked at.
    private bool _tagsAreKeys = true;

    public KeyDirectory(KeySerializer<TKey> keys, KeyGroupRange range, int maxParallelism)
    {
        _serializer = keys;
        _range = range;
        _maxParallelism = maxParallelism;
    }

    /// <summary>What a key takes, but for objects that it refers to: itself, its group, and its entry in a table that is 5/8 full.</summary>
    public static int BytesPerKey => Unsafe.SizeOf<TKey>() + sizeof(ushort) + (sizeof(ulong) * 8 / 5);

    /// <summary>Slots from here on were never given to a key.</summary>
    public int SlotEnd => _next;

    /// <summary>The number of keys.</summary>
    public int Count => _index.Count;

    /// <summary>Whether a lookup is likely to miss the cache.</summary>
    public bool IsLarge => _index.Bytes > BytesWorthPrefetching;

    /// <summary>The keys by slot.</summary>
    public SlotArray<TKey> Keys => _keys;

    /// <summary>The key groups by slot.</summary>
    public SlotArray<ushort> KeyGroups => _keyGroups;

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
        slots = slots[..keys.Length];
        bool staged = IsLarge && Sse.IsSupported;
        bool byTags = _tagsAreKeys && AreTags(keys);
        if (!staged)
            return byTags ? FindByTags(keys, slots) : FindByKeys(keys, slots);

        bool all = true;
        while (!keys.IsEmpty)
        {
            int stage = Math.Min(StageSize, keys.Length);
            all &= FindStaged(keys[..stage], slots[..stage], byTags);
            keys = keys[stage..];
            slots = slots[stage..];
        }

        return all;
    }

    /// <summary>Frees the slot of a key. Its columns must be empty.</summary>
    public void Remove(int slot)
    {
        _index.Remove(KeyHashing.Tag(_keys[slot]), slot);
        _keys[slot] = default!; // nobody reads it, and a reference must not keep its object alive
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
        _keys[slot] = key;
        _keyGroups[slot] = (ushort)keyGroup;
        _index.Insert(tag, slot);
        _tagsAreKeys &= KeyHashing.IsTag(key);
        return slot;
    }

    private int Find(TKey key, uint tag) => _index.SegmentOf(tag).Find(tag, key, _keys.Reader);

    /// <summary>True when no two of these keys, and no other key with a tag that is a key, can have the same tag.</summary>
    private static bool AreTags(ReadOnlySpan<TKey> keys)
    {
        if (typeof(TKey) != typeof(long) && typeof(TKey) != typeof(ulong))
            return true; // the type alone decides, and it has decided already
        bool all = true;
        foreach (TKey key in keys)
            all &= KeyHashing.IsTag(key);
        return all;
    }

    // The loops are methods of their own, so that each has all registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool FindByTags(ReadOnlySpan<TKey> keys, Span<int> slots)
    {
        int found = 0;
        SlotIndex.Lookup segments = _index.Segments;
        for (int i = 0; i < keys.Length && i < slots.Length; i++)
        {
            uint tag = KeyHashing.Tag(keys[i]);
            int slot = segments.Of(tag).Find(tag);
            slots[i] = slot;
            found |= slot;
        }

        return found >= 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool FindByKeys(ReadOnlySpan<TKey> keys, Span<int> slots)
    {
        int found = 0;
        SlotArray<TKey>.PageReader known = _keys.Reader;
        SlotIndex.Lookup segments = _index.Segments;
        for (int i = 0; i < keys.Length && i < slots.Length; i++)
        {
            uint tag = KeyHashing.Tag(keys[i]);
            int slot = segments.Of(tag).Find(tag, keys[i], known);
            slots[i] = slot;
            found |= slot;
        }

        return found >= 0;
    }

    // Passes, so that the misses of one pass overlap: ask for the entries; read them and ask for the keys; compare the keys.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private unsafe bool FindStaged(ReadOnlySpan<TKey> keys, Span<int> slots, bool byTags)
    {
        Span<uint> tags = stackalloc uint[StageSize];
        tags = tags[..keys.Length];
        SlotIndex.Lookup segments = _index.Segments;
        for (int i = 0; i < tags.Length && i < keys.Length; i++)
        {
            uint tag = KeyHashing.Tag(keys[i]);
            tags[i] = tag;
            ref readonly SlotSegment segment = ref segments.Of(tag);
            Prefetch(in segment.Entries[segment.Home(tag)]);
        }

        int found = 0;
        if (byTags)
        {
            for (int i = 0; i < tags.Length && i < slots.Length; i++)
            {
                int slot = segments.Of(tags[i]).Find(tags[i]);
                slots[i] = slot;
                found |= slot;
            }

            return found >= 0;
        }

        SlotArray<TKey>.PageReader known = _keys.Reader;
        for (int i = 0; i < tags.Length; i++)
        {
            int slot = segments.Of(tags[i]).Find(tags[i]);
            slots[i] = slot;
            if (slot >= 0)
                Prefetch(in known.At(slot));
        }

        for (int i = 0; i < tags.Length; i++)
        {
            int slot = slots[i];
            if (slot >= 0 && !KeyHashing.Same(known.At(slot), keys[i]))
                slots[i] = slot = segments.Of(tags[i]).Find(tags[i], keys[i], known); // another key with the same tag stands before it
            found |= slot;
        }

        return found >= 0;
    }

    // The address may be stale when the instruction runs: a prefetch of any address is only a hint.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Prefetch<T>(ref readonly T place) => Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in place)));
}
