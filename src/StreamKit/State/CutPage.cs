using System.Numerics;

namespace StreamKit.State;

/// <summary>What a cut has taken of a page: which slots have changed, and, of immutable values, what they held.</summary>
internal sealed class CutPage<T>(bool notesReplaced)
{
    // One array for all bitmaps: a cut has thousands of pages, and each object more is work for the collector.
    private readonly ulong[] _bits = new ulong[(notesReplaced ? 3 : 2) * Column<T>.WordsPerPage];

    /// <summary>Changed, and with a value.</summary>
    public Span<ulong> Present => _bits.AsSpan(0, Column<T>.WordsPerPage);

    /// <summary>Changed to be without.</summary>
    public Span<ulong> Absent => _bits.AsSpan(Column<T>.WordsPerPage, Column<T>.WordsPerPage);

    /// <summary>Those of which older segments may have rows; empty where that does not matter.</summary>
    public Span<ulong> Replaced => _bits.AsSpan(2 * Column<T>.WordsPerPage);

    /// <summary>Present slots whose values can change and are still to be serialized; null when there are none.</summary>
    public ulong[]? Pending { get; set; }

    /// <summary>The values, by slot when <see cref="IsWhole"/>, else one for each present slot in order. Null when they are rows already, or read no more.</summary>
    public T[]? Values { get; set; }

    public bool IsWhole { get; set; }

    /// <summary>Whether older segments may have rows of the slot.</summary>
    public bool IsReplaced(int slot) => notesReplaced && Has(Replaced, slot);

    public static bool Has(ReadOnlySpan<ulong> bits, int slot) => (bits[Column<T>.Page.Word(slot)] & (1UL << slot)) != 0;

    /// <summary>The value of a slot that is present.</summary>
    public ref readonly T At(int slot)
    {
        int place = slot & (Column<T>.PageSize - 1);
        if (!IsWhole)
        {
            Span<ulong> present = Present;
            int word = place >> 6;
            place = BitOperations.PopCount(present[word] & ((1UL << slot) - 1));
            for (int i = 0; i < word; i++)
                place += BitOperations.PopCount(present[i]);
        }

        return ref Values![place]; // asked for before the cut is released
    }
}
