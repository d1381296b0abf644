using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamKit.State;

/// <summary>
/// The hash table behind a key directory: 32-bit tags to slots, without the keys. An entry is 8 bytes, so eight fit in a cache line,
/// and a lookup that finds nothing touches no key. Open addressing with linear probing; removal shifts back, so there are no tombstones.
/// </summary>
/// <remarks>
/// The table is extendible hashing: segments of at most <see cref="LargestSegment"/> entries, chosen by the high bits of the tag.
/// A full segment splits in two, which moves one segment's entries by their tags and never all of them: no insert stalls for the
/// size of the whole table. Until the first split there is one segment, which doubles.
/// </remarks>
internal sealed class SlotIndex
{
    /// <summary>Splitting 64K entries (512 KB) takes a few hundred microseconds; more segments than needed cost a cache line each.</summary>
    private const int LargestSegment = 1 << 16;

    private const int SmallestSegment = 16;

    /// <summary>Tags that agree in this many high bits are told apart no more by splitting; the segment doubles instead.</summary>
    private const int DeepestSplit = 16;

    private ulong[][] _entries = [new ulong[SmallestSegment]];
    private Segment[] _segments = [new Segment(0)];
    private int _depth;

    /// <summary>The number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes that all entries take, to judge whether the table fits into a cache.</summary>
    public long Bytes { get; private set; } = SmallestSegment * sizeof(ulong);

    /// <summary>The entries of the segment that a tag belongs to. Its length is a power of two, and at least one entry is zero, which is free.</summary>
    public ulong[] EntriesOf(uint tag) => _entries[(int)((ulong)tag >> (32 - _depth))];

    /// <summary>The entries of every tag, while there is one segment; null afterwards.</summary>
    public ulong[]? OnlySegment => _depth == 0 ? _entries[0] : null;

    /// <summary>The segments and how to choose among them, at hand for a loop that inserts and removes nothing.</summary>
    public Lookup Segments => new(_entries, 32 - _depth);

    /// <summary>What an entry for a slot looks like: the tag above, the slot plus one below, so that no entry in use is zero.</summary>
    public static ulong Entry(uint tag, int slot) => ((ulong)tag << 32) | (uint)(slot + 1);

    public static uint TagOf(ulong entry) => (uint)(entry >> 32);

    public static int SlotOf(ulong entry) => (int)(uint)entry - 1;

    /// <summary>Adds an entry. The caller has made sure that its key is not present.</summary>
    public void Insert(uint tag, int slot)
    {
        Segment segment = SegmentOf(tag);
        while (segment.Count >= Limit(EntriesOf(tag).Length))
        {
            Grow(segment, tag);
            segment = SegmentOf(tag);
        }

        Place(EntriesOf(tag), Entry(tag, slot));
        segment.Count++;
        Count++;
    }

    /// <summary>Takes an entry out and moves those behind it back, as if it had never been there.</summary>
    public void Remove(uint tag, int slot)
    {
        ulong[] entries = EntriesOf(tag);
        int mask = entries.Length - 1;
        ulong wanted = Entry(tag, slot);
        int hole = (int)tag & mask;
        while (entries[hole] != wanted)
        {
            Debug.Assert(entries[hole] != 0, "the entry to remove is not there");
            hole = (hole + 1) & mask;
        }

        for (int i = (hole + 1) & mask; entries[i] != 0; i = (i + 1) & mask)
        {
            int home = (int)TagOf(entries[i]) & mask;
            if (((i - home) & mask) >= ((i - hole) & mask))
            {
                entries[hole] = entries[i];
                hole = i;
            }
        }

        entries[hole] = 0;
        SegmentOf(tag).Count--;
        Count--;
    }

    // 5/8 full: a lookup that finds its key looks at 1.8 entries on average, one that does not at 4.
    private static int Limit(int capacity) => capacity / 8 * 5;

    private Segment SegmentOf(uint tag) => _segments[(int)((ulong)tag >> (32 - _depth))];

    private static void Place(ulong[] entries, ulong entry)
    {
        int mask = entries.Length - 1;
        int i = (int)TagOf(entry) & mask;
        while (entries[i] != 0)
            i = (i + 1) & mask;
        entries[i] = entry;
    }

    private void Grow(Segment segment, uint tag)
    {
        ulong[] entries = EntriesOf(tag);
        if (entries.Length >= LargestSegment && segment.Depth < DeepestSplit)
            Split(segment, entries, tag);
        else
            Double(segment, entries, tag);
    }

    private void Double(Segment segment, ulong[] entries, uint tag)
    {
        var larger = new ulong[entries.Length * 2];
        foreach (ulong entry in entries)
        {
            if (entry != 0)
                Place(larger, entry);
        }

        Assign(segment, larger, First(segment, tag), Width(segment));
        Bytes += (long)entries.Length * sizeof(ulong);
    }

    private void Split(Segment segment, ulong[] entries, uint tag)
    {
        if (segment.Depth == _depth)
            DoubleDirectory();

        var low = new Segment(segment.Depth + 1);
        var high = new Segment(segment.Depth + 1);
        var lowEntries = new ulong[entries.Length];
        var highEntries = new ulong[entries.Length];
        ulong bit = 1UL << (63 - segment.Depth);
        foreach (ulong entry in entries)
        {
            if (entry == 0)
                continue;
            bool goesHigh = (entry & bit) != 0;
            Place(goesHigh ? highEntries : lowEntries, entry);
            if (goesHigh)
                high.Count++;
            else
                low.Count++;
        }

        int first = First(segment, tag);
        int half = Width(segment) / 2;
        Assign(low, lowEntries, first, half);
        Assign(high, highEntries, first + half, half);
        Bytes += (long)entries.Length * sizeof(ulong);
    }

    private void DoubleDirectory()
    {
        var entries = new ulong[_entries.Length * 2][];
        var segments = new Segment[_segments.Length * 2];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = _entries[i / 2];
            segments[i] = _segments[i / 2];
        }

        _entries = entries;
        _segments = segments;
        _depth++;
    }

    // A segment of lower depth than the table's stands at several neighbouring places.
    private int Width(Segment segment) => 1 << (_depth - segment.Depth);

    private int First(Segment segment, uint tag) => (int)((ulong)tag >> (32 - _depth)) & ~(Width(segment) - 1);

    private void Assign(Segment segment, ulong[] entries, int first, int width)
    {
        _entries.AsSpan(first, width).Fill(entries);
        _segments.AsSpan(first, width).Fill(segment);
    }

    /// <summary>Finds the entries of a tag; see <see cref="EntriesOf"/>.</summary>
    public readonly ref struct Lookup(ulong[][] entries, int shift)
    {
        private readonly ref ulong[] _first = ref MemoryMarshal.GetArrayDataReference(entries);
        private readonly int _shift = shift;

        // The index is below the length by construction.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ulong[] Of(uint tag) => Unsafe.Add(ref _first, (int)((ulong)tag >> _shift));
    }

    private sealed class Segment(int depth)
    {
        /// <summary>How many high bits of the tag all its entries have in common.</summary>
        public int Depth { get; } = depth;

        public int Count { get; set; }
    }
}
