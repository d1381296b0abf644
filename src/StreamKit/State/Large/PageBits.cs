using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamKit.State;

/// <summary>A bit for each item of a <see cref="ListPage"/>.</summary>
[InlineArray(Words)]
internal struct PageBits
{
    public const int Count = Words * 64;

    private const int Words = 4;

    private ulong _first;

    public void Set(int bit) => this[bit >> 6] |= 1UL << bit;

    public void SetRange(int first, int count)
    {
        for (int bit = first; bit < first + count; bit++)
            Set(bit);
    }

    public void Clear() => ((Span<ulong>)this).Clear();

    public void UnionWith(in PageBits other)
    {
        for (int word = 0; word < Words; word++)
            this[word] |= other[word];
    }

    /// <summary>The first bit from a place on that is set; <see cref="Count"/> when there is none.</summary>
    public readonly int NextFrom(int bit)
    {
        for (int word = bit >> 6; word < Words; word++)
        {
            ulong rest = word == bit >> 6 ? this[word] & (ulong.MaxValue << bit) : this[word];
            if (rest != 0)
                return (word << 6) + BitOperations.TrailingZeroCount(rest);
        }

        return Count;
    }
}
