using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamKit.State;

/// <summary>A part of a <see cref="SlotIndex"/>: the entries of all tags that begin with the same bits.</summary>
/// <param name="entries">A power of two of them, at least 16; at least one is zero, which is free.</param>
/// <param name="depth">How many high bits of the tag its entries have in common.</param>
internal readonly struct SlotSegment(ulong[] entries, int depth)
{
    private readonly byte _shared = (byte)depth;
    private readonly byte _rest = (byte)(32 - BitOperations.Log2((uint)entries.Length));

    public ulong[] Entries { get; } = entries;

    /// <summary>What an entry for a slot looks like: the tag above, the slot plus one below, so that no entry in use is zero.</summary>
    public static ulong Entry(uint tag, int slot) => ((ulong)tag << 32) | (uint)(slot + 1);

    public static uint TagOf(ulong entry) => (uint)(entry >> 32);

    public static int SlotOf(ulong entry) => (int)(uint)entry - 1;

    /// <summary>Where to begin looking for a tag.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Home(uint tag) => (int)((tag << _shared) >> _rest);

    /// <summary>The first slot with a tag; −1 when there is none. The right one but for one key in thousands, and where tags are keys always.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(uint tag)
    {
        ref ulong first = ref MemoryMarshal.GetArrayDataReference(Entries);
        uint mask = (uint)Entries.Length - 1;
        for (uint i = (uint)Home(tag); ; i = (i + 1) & mask)
        {
            ulong entry = Unsafe.Add(ref first, i);
            if (TagOf(entry) == tag)
                return SlotOf(entry); // −1 for a free entry, when the tag is zero
            if (entry == 0)
                return -1;
        }
    }

    /// <summary>The slot of a key among those with its tag; −1 when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find<TKey>(uint tag, TKey key, SlotArray<TKey>.PageReader known)
        where TKey : notnull
    {
        ref ulong first = ref MemoryMarshal.GetArrayDataReference(Entries);
        uint mask = (uint)Entries.Length - 1;
        for (uint i = (uint)Home(tag); ; i = (i + 1) & mask)
        {
            ulong entry = Unsafe.Add(ref first, i);
            if (entry == 0)
                return -1;
            if (TagOf(entry) == tag && KeyHashing.Same(known.At(SlotOf(entry)), key))
                return SlotOf(entry);
        }
    }
}
