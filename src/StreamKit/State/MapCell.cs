using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace StreamKit.State;

/// <summary>
/// The map of one key: a hash table. While it is small it is stored as a whole; of a larger one a <see cref="LargeMap{TKey,TValue}"/> knows in which rows its
/// entries are. Its stamp says in which epoch of the column it was last written; with an older stamp a small one may be in a cut, and is copied before it is written again.
/// </summary>
/// <remarks>
/// Entries are in the order in which they were added, but for places that are used again. An entry keeps its place until it is removed, so what belongs to
/// entries may be kept beside them by place.
/// </remarks>
internal sealed class MapCell<TKey, TValue>
    where TKey : notnull
{
    /// <summary>With more entries a map is stored in parts: as one row, that many of some bytes each take about a kilobyte.</summary>
    public const int SmallEntries = 89;

    /// <summary>Doubled three times it is nearly half of <see cref="SmallEntries"/>.</summary>
    private const int FirstCapacity = SmallEntries / 16;

    /// <summary>What stands in <see cref="Entry.Next"/> of a free place: below this by the next free one.</summary>
    private const int Free = -1;

    private static readonly int[] NoHeads = new int[2]; // one bit of a hash leads here

    private int[] _heads = NoHeads;
    private Entry[] _entries = [];
    private int _shift = 31;
    private int _freeCount;
    private int _firstFree;

    public MapCell(int epoch) => Epoch = epoch;

    private MapCell(MapCell<TKey, TValue> other, int epoch)
    {
        _heads = (int[])other._heads.Clone();
        _entries = (Entry[])other._entries.Clone();
        _shift = other._shift;
        _freeCount = other._freeCount;
        _firstFree = other._firstFree;
        End = other.End;
        Epoch = epoch;
        Times = other.Times?.Copy();
    }

    public int Epoch { get; set; }

    /// <summary>Set when there were more than <see cref="SmallEntries"/>.</summary>
    public LargeMap<TKey, TValue>? Large { get; set; }

    /// <summary>When entries expire; null where they do not.</summary>
    public MapTimes? Times { get; init; }

    public int Count => End - _freeCount;

    /// <summary>Places from here on have never had an entry.</summary>
    public int End { get; private set; }

    /// <summary>Places that there is room for.</summary>
    public int Capacity => _entries.Length;

    /// <summary>The entries by place. Those for which <see cref="Entry.IsFree"/> holds are none.</summary>
    public Entry[] Entries => _entries;

    public MapCell<TKey, TValue> Copy(int epoch) => new(this, epoch);

    /// <summary>The place of a key's entry; −1 when there is none.</summary>
    public int Find(TKey key) => Find(key, out _);

    /// <summary>The place of a key's entry; −1 when there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="tag">Receives what <see cref="Add"/> is to be given.</param>
    public int Find(TKey key, out uint tag)
    {
        // Unoptimised code boxes what it compares with null, so the type is asked first.
        if (default(TKey) is null && key is null)
            ThrowNull();
        tag = KeyHashing.MapTag(key);
        Entry[] entries = _entries;
        for (int place = _heads[(int)(tag >> _shift)] - 1; (uint)place < (uint)entries.Length; place = entries[place].Next - 1)
        {
            ref Entry entry = ref entries[place];
            if (entry.Tag == tag && KeyHashing.Same(entry.Key, key))
                return place;
        }

        return -1;
    }

    /// <summary>Adds an entry whose key has none.</summary>
    /// <returns>Its place.</returns>
    public int Add(uint tag, TKey key, TValue value)
    {
        int place = _firstFree - 1;
        if (_freeCount > 0)
        {
            _firstFree = Free - _entries[place].Next;
            _freeCount--;
        }
        else
        {
            if (End == _entries.Length)
                EnsureCapacity(End + 1);
            place = End++;
        }

        ref int head = ref _heads[(int)(tag >> _shift)];
        ref Entry entry = ref _entries[place];
        entry.Tag = tag;
        entry.Next = head;
        entry.Key = key;
        entry.Value = value;
        head = place + 1;
        return place;
    }

    /// <summary>Takes the entry at a place out.</summary>
    public void RemoveAt(int place)
    {
        ref Entry removed = ref _entries[place];
        ref int link = ref _heads[(int)(removed.Tag >> _shift)];
        while (link != place + 1)
            link = ref _entries[link - 1].Next;
        link = removed.Next;
        Times?.Remove(place);
        removed = new Entry { Next = Free - _firstFree }; // nobody reads it, and a reference must not keep its object alive
        _firstFree = place + 1;
        _freeCount++;
    }

    /// <summary>Adds the places of the entries whose tags belong to a bucket, in order.</summary>
    public void Collect(MapBucket bucket, List<int> into)
    {
        int last = (int)((uint)(bucket.End - 1) >> _shift);
        for (int head = (int)(bucket.Start >> _shift); head <= last; head++)
        {
            for (int place = _heads[head] - 1; place >= 0; place = _entries[place].Next - 1)
            {
                if (bucket.Contains(_entries[place].Tag))
                    into.Add(place);
            }
        }

        into.Sort();
    }

    /// <summary>Makes room.</summary>
    public void EnsureCapacity(int count)
    {
        if (count <= _entries.Length)
            return;
        int capacity = Math.Max(FirstCapacity, _entries.Length);
        while (capacity < count)
            capacity = capacity == FirstCapacity * 8 ? SmallEntries : checked(capacity * 2);
        Array.Resize(ref _entries, capacity);
        _heads = new int[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _shift = 32 - int.Log2(_heads.Length);
        for (int place = 0; place < End; place++)
        {
            ref Entry entry = ref _entries[place];
            if (entry.IsFree)
                continue;
            ref int head = ref _heads[(int)(entry.Tag >> _shift)];
            entry.Next = head;
            head = place + 1;
        }
    }

    [DoesNotReturn]
    private static void ThrowNull() => throw new ArgumentNullException("key");

    /// <summary>A key and its value.</summary>
    internal struct Entry
    {
        /// <summary>See <see cref="KeyHashing.MapTag"/>.</summary>
        public uint Tag;

        /// <summary>The place of the next entry of the chain, plus one; 0 at its end.</summary>
        public int Next;

        public TKey Key;
        public TValue Value;

        public readonly bool IsFree => Next < 0;
    }
}
