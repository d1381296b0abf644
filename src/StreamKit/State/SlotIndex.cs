using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamKit.State;

/// <summary>
/// The hash table behind a key directory: 32-bit tags to slots, without the keys. An entry is 8 bytes, so eight fit in a cache line,
/// and a lookup that finds nothing touches no key. Open addressing with linear probing; removal shifts back, so there are no tombstones.
/// </summary>
/// <remarks>
/// The table is extendible hashing: segments of at most <see cref="LargestSegment"/> entries, chosen by the high bits of the tag; the bits
/// behind those choose the place within the segment. High bits, because those of a product are the well-mixed ones, and because
/// consecutive numbers times the golden ratio fall evenly over them, without collisions (Knuth, The Art of Computer Programming 3, 6.4).
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

    private SlotSegment[] _segments = [new SlotSegment(new ulong[SmallestSegment], 0)];
    private Fill[] _fills = [new Fill(0)];
    private int _depth;

    /// <summary>The number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes that all entries take, to judge whether the table fits into a cache.</summary>
    public long Bytes { get; private set; } = SmallestSegment * sizeof(ulong);

    /// <summary>The segments and how to choose among them, at hand for a loop that inserts and removes nothing.</summary>
    public Lookup Segments => new(_segments, 32 - _depth);

    /// <summary>The segment that a tag belongs to.</summary>
    public SlotSegment SegmentOf(uint tag) => _segments[IndexOf(tag)];

    /// <summary>Adds an entry. The caller has made sure that its key is not present.</summary>
    public void Insert(uint tag, int slot)
    {
        Fill fill = _fills[IndexOf(tag)];
        while (fill.Count >= Limit(SegmentOf(tag).Entries.Length))
        {
            Grow(fill, tag);
            fill = _fills[IndexOf(tag)];
        }

        Place(SegmentOf(tag), SlotSegment.Entry(tag, slot));
        fill.Count++;
        Count++;
    }

    /// <summary>Takes an entry out and moves those behind it back, as if it had never been there.</summary>
    public void Remove(uint tag, int slot)
    {
        SlotSegment segment = SegmentOf(tag);
        ulong[] entries = segment.Entries;
        int mask = entries.Length - 1;
        ulong wanted = SlotSegment.Entry(tag, slot);
        int hole = segment.Home(tag);
        while (entries[hole] != wanted)
        {
            Debug.Assert(entries[hole] != 0, "the entry to remove is not there");
            hole = (hole + 1) & mask;
        }

        for (int i = (hole + 1) & mask; entries[i] != 0; i = (i + 1) & mask)
        {
            int home = segment.Home(SlotSegment.TagOf(entries[i]));
            if (((i - home) & mask) >= ((i - hole) & mask))
            {
                entries[hole] = entries[i];
                hole = i;
            }
        }

        entries[hole] = 0;
        _fills[IndexOf(tag)].Count--;
        Count--;
    }

    // 5/8 full: of random tags, a lookup that finds its key looks at 1.8 entries on average, one that does not at 4.
    private static int Limit(int capacity) => capacity / 8 * 5;

    private int IndexOf(uint tag) => (int)((ulong)tag >> (32 - _depth));

    private static void Place(SlotSegment segment, ulong entry)
    {
        ulong[] entries = segment.Entries;
        int mask = entries.Length - 1;
        int i = segment.Home(SlotSegment.TagOf(entry));
        while (entries[i] != 0)
            i = (i + 1) & mask;
        entries[i] = entry;
    }

    private void Grow(Fill fill, uint tag)
    {
        ulong[] entries = SegmentOf(tag).Entries;
        if (entries.Length >= LargestSegment && fill.Depth < DeepestSplit)
            Split(fill, entries, tag);
        else
            Double(fill, entries, tag);
    }

    private void Double(Fill fill, ulong[] entries, uint tag)
    {
        var larger = new SlotSegment(new ulong[entries.Length * 2], fill.Depth);
        foreach (ulong entry in entries)
        {
            if (entry != 0)
                Place(larger, entry);
        }

        Assign(fill, larger, First(fill, tag), Width(fill));
        Bytes += (long)entries.Length * sizeof(ulong);
    }

    private void Split(Fill fill, ulong[] entries, uint tag)
    {
        if (fill.Depth == _depth)
            DoubleDirectory();

        var low = new Fill(fill.Depth + 1);
        var high = new Fill(fill.Depth + 1);
        var lowSegment = new SlotSegment(new ulong[entries.Length], low.Depth);
        var highSegment = new SlotSegment(new ulong[entries.Length], high.Depth);
        ulong bit = 1UL << (63 - fill.Depth);
        foreach (ulong entry in entries)
        {
            if (entry == 0)
                continue;
            bool goesHigh = (entry & bit) != 0;
            Place(goesHigh ? highSegment : lowSegment, entry);
            if (goesHigh)
                high.Count++;
            else
                low.Count++;
        }

        int first = First(fill, tag);
        int half = Width(fill) / 2;
        Assign(low, lowSegment, first, half);
        Assign(high, highSegment, first + half, half);
        Bytes += (long)entries.Length * sizeof(ulong);
    }

    private void DoubleDirectory()
    {
        var segments = new SlotSegment[_segments.Length * 2];
        var fills = new Fill[_fills.Length * 2];
        for (int i = 0; i < segments.Length; i++)
        {
            segments[i] = _segments[i / 2];
            fills[i] = _fills[i / 2];
        }

        _segments = segments;
        _fills = fills;
        _depth++;
    }

    // A segment of lower depth than the table's stands at several neighbouring places.
    private int Width(Fill fill) => 1 << (_depth - fill.Depth);

    private int First(Fill fill, uint tag) => IndexOf(tag) & ~(Width(fill) - 1);

    private void Assign(Fill fill, SlotSegment segment, int first, int width)
    {
        _segments.AsSpan(first, width).Fill(segment);
        _fills.AsSpan(first, width).Fill(fill);
    }

    /// <summary>Finds the segment of a tag; see <see cref="SegmentOf"/>.</summary>
    public readonly ref struct Lookup(SlotSegment[] segments, int shift)
    {
        private readonly ref SlotSegment _first = ref MemoryMarshal.GetArrayDataReference(segments);
        private readonly int _shift = shift;

        // The index is below the length by construction.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref readonly SlotSegment Of(uint tag) => ref Unsafe.Add(ref _first, (int)((ulong)tag >> _shift));
    }

    /// <summary>What is not needed for lookups.</summary>
    private sealed class Fill(int depth)
    {
        /// <summary>How many high bits of the tag all its entries have in common.</summary>
        public int Depth { get; } = depth;

        public int Count { get; set; }
    }
}
