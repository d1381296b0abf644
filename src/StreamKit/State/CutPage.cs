using System.Numerics;

namespace StreamKit.State;

/// <summary>What a cut has taken of a page: which slots have changed, and, of immutable values, what they held.</summary>
internal sealed class CutPage<T>(ulong[] present, ulong[] absent, ulong[]? replaced)
{
    private readonly ulong[]? _replaced = replaced;

    /// <summary>Changed, and with a value.</summary>
    public ulong[] Present { get; } = present;

    /// <summary>Changed to be without.</summary>
    public ulong[] Absent { get; } = absent;

    /// <summary>Present slots whose values can change and are still to be serialized; null when there are none.</summary>
    public ulong[]? Pending { get; set; }

    /// <summary>The values, by slot when <see cref="IsWhole"/>, else one for each present slot in order. Null when they are rows already, or read no more.</summary>
    public T[]? Values { get; set; }

    public bool IsWhole { get; set; }

    /// <summary>Whether older segments may have rows of the slot.</summary>
    public bool IsReplaced(int slot) => _replaced is not null && Has(_replaced, slot);

    public static bool Has(ulong[] bits, int slot) => (bits[Column<T>.Page.Word(slot)] & (1UL << slot)) != 0;

    /// <summary>The value of a slot that is present.</summary>
    public ref readonly T At(int slot)
    {
        int place = slot & (Column<T>.PageSize - 1);
        if (!IsWhole)
        {
            int word = place >> 6;
            place = BitOperations.PopCount(Present[word] & ((1UL << slot) - 1));
            for (int i = 0; i < word; i++)
                place += BitOperations.PopCount(Present[i]);
        }

        return ref Values![place]; // asked for before the cut is released
    }
}
