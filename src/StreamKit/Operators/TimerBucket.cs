using System.Diagnostics;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>
/// What was asked of the timers of 64 milliseconds, in order: registrations and deletions, appended as packed numbers and resolved only when the bucket
/// is due or has grown. Owned by its <see cref="TimerQueue"/>; a cut may read the entries that were there at its barrier.
/// </summary>
/// <remarks>
/// An entry is, from the highest bit: offset in the bucket (6 bits), slot (31), sequence (26), operation (1). Sorted as numbers, the operations on one timer
/// stand together in the order in which they came, and the last one counts.
/// </remarks>
internal sealed class TimerBucket
{
    /// <summary>A bucket is as wide as a mask of offsets has bits; narrower ones would be many, wider ones sort longer.</summary>
    public const int OffsetBits = 6;

    /// <summary>The highest offset in a bucket.</summary>
    public const int LastOffset = (1 << OffsetBits) - 1;

    /// <summary>Where the offset begins in an entry; above it is nothing.</summary>
    public const int OffsetShift = SlotBits + SequenceBits + 1;

    /// <summary>Where the slot begins in an entry; with the offset above it, the rest of the entry is the timer.</summary>
    public const int SlotShift = SequenceBits + 1;

    private const int SlotBits = 31;
    private const int SequenceBits = 26;
    private const int SmallestCapacity = 4;

    private ulong[] _entries = [];
    private int _head;
    private int _sorted;
    private int _count;
    private int _sequence = 1;
    private int _firstOffset;
    private TimerCut? _frozenBy;

    /// <summary>Timestamps divided by 64, rounded down.</summary>
    public long Id { get; private set; }

    /// <summary>Entries not taken yet, resolved or not.</summary>
    public int Count => _count - _head;

    /// <summary>True while the queue finds the bucket by its id.</summary>
    public bool IsListed { get; set; }

    /// <summary>No timer of this bucket is before this.</summary>
    public long Earliest => (Id << OffsetBits) + (_head < _sorted ? Math.Min(_firstOffset, OffsetOf(_entries[_head])) : _firstOffset);

    /// <summary>True when no more entries can be numbered before the bucket is resolved.</summary>
    public bool IsFull => _sequence == 1 << SequenceBits;

    public static long IdOf(long timestamp) => timestamp >> OffsetBits;

    public static int SlotOf(ulong entry) => (int)(entry >> SlotShift) & int.MaxValue;

    public static int OffsetOf(ulong entry) => (int)(entry >> OffsetShift);

    /// <summary>Makes an empty bucket that of another time.</summary>
    public void Reuse(long id)
    {
        Debug.Assert(Count == 0);
        if (_frozenBy is { IsReleased: false })
            _entries = [];
        Id = id;
        _frozenBy = null;
        _head = _sorted = _count = 0;
        _sequence = 1;
        _firstOffset = LastOffset;
    }

    /// <summary>Appends an operation on a timer of this bucket.</summary>
    public void Append(int slot, long timestamp, bool registers)
    {
        Debug.Assert(IdOf(timestamp) == Id && !IsFull);
        if (_count == _entries.Length)
            Grow();
        var offset = (int)timestamp & LastOffset;
        _entries[_count++] = Pack(offset, slot, _sequence++, registers);
        if (offset < _firstOffset)
            _firstOffset = offset;
    }

    /// <summary>The timers of the lowest offset, if that is at most <paramref name="lastOffset"/>; they are taken out. The entries stay as they are until the next call of <see cref="Resolve"/>.</summary>
    public ReadOnlySpan<ulong> TakeFirst(int lastOffset)
    {
        Debug.Assert(_sorted == _count);
        if (_head == _count)
            return default;
        var entries = _entries;
        var start = _head;
        var offset = OffsetOf(entries[start]);
        if (offset > lastOffset)
            return default;
        var end = start + 1;
        while (end < _count && OffsetOf(entries[end]) == offset)
            end++;
        _head = end;
        return entries.AsSpan(start..end);
    }

    /// <summary>The slots of the first timers, in order.</summary>
    /// <param name="lastOffset">The last offset that counts.</param>
    /// <param name="slots">Receives the slots.</param>
    /// <returns>How many.</returns>
    public int Slots(int lastOffset, Span<int> slots)
    {
        Debug.Assert(_sorted == _count);
        var count = 0;
        for (var i = _head; i < _count && count < slots.Length && OffsetOf(_entries[i]) <= lastOffset; i++)
            slots[count++] = SlotOf(_entries[i]);
        return count;
    }

    /// <summary>Sorts the entries and keeps only the timers that are registered in the end, each once.</summary>
    /// <param name="scratch">Room for sorting and merging; grown as needed.</param>
    /// <param name="owner">Whose slots the entries hold; each is released with its entry.</param>
    public void Resolve(ref ulong[] scratch, KeyedState owner)
    {
        if (_sorted == _count)
            return;
        if (_frozenBy is { IsReleased: false })
            Unfreeze();

        var added = _entries.AsSpan(_sorted.._count);
        TimerSort.Sort(added, ref scratch);
        var live = _head;
        if (_head < _sorted)
        {
            Merge(ref scratch);
            added = scratch.AsSpan(0, Count);
        }

        for (var i = 0; i < added.Length; i++)
        {
            var entry = added[i];
            var isLast = i + 1 == added.Length || added[i + 1] >> SlotShift != entry >> SlotShift;
            if (isLast && (entry & 1) != 0)
                _entries[live++] = (entry >> SlotShift << SlotShift) | 1; // sequence 0: before all that comes
            else
                owner.Release(SlotOf(entry));
        }

        _count = _sorted = live;
        _sequence = 1;
        _firstOffset = LastOffset;
    }

    /// <summary>The entries as of now for a cut, which no longer change until it is released.</summary>
    public ReadOnlyMemory<ulong> Freeze(TimerCut cut)
    {
        _frozenBy = cut;
        return _entries.AsMemory(_head.._count);
    }

    /// <summary>Resolves a copy of entries, for a cut.</summary>
    /// <param name="entries">The copy; sorted here.</param>
    /// <returns>How many timers stand at the front of it, in order of slots, each as slot × 64 + offset.</returns>
    public static int ResolveBySlot(Span<ulong> entries)
    {
        entries.Sort();
        var live = 0;
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = entries[i];
            var isLast = i + 1 == entries.Length || entries[i + 1] >> SlotShift != entry >> SlotShift;
            if (isLast && (entry & 1) != 0)
                entries[live++] = ((ulong)(uint)SlotOf(entry) << OffsetBits) | (uint)OffsetOf(entry);
        }

        entries[..live].Sort();
        return live;
    }

    private static ulong Pack(int offset, int slot, int sequence, bool registers) =>
        ((ulong)offset << OffsetShift) | ((ulong)slot << SlotShift) | ((ulong)sequence << 1) | (registers ? 1UL : 0UL);

    /// <summary>Merges what is resolved and what was sorted after it into the scratch room.</summary>
    private void Merge(ref ulong[] scratch)
    {
        if (scratch.Length < Count)
            scratch = new ulong[Math.Max(Count, scratch.Length * 2)];
        var resolved = _entries.AsSpan(_head.._sorted);
        var added = _entries.AsSpan(_sorted.._count);
        int left = 0, right = 0;
        for (var i = 0; i < resolved.Length + added.Length; i++)
            scratch[i] = right == added.Length || (left < resolved.Length && resolved[left] < added[right]) ? resolved[left++] : added[right++];
    }

    private void Unfreeze()
    {
        var entries = new ulong[_entries.Length];
        _entries.AsSpan(_head.._count).CopyTo(entries);
        _entries = entries;
        _sorted -= _head;
        _count -= _head;
        _head = 0;
        _frozenBy = null;
    }

    private void Grow()
    {
        // What was taken leaves room at the front, unless somebody still reads it: a larger array is right in both cases.
        var entries = new ulong[Math.Max(SmallestCapacity, Count * 2)];
        _entries.AsSpan(_head.._count).CopyTo(entries);
        _entries = entries;
        _sorted -= _head;
        _count -= _head;
        _head = 0;
        _frozenBy = null;
    }
}
