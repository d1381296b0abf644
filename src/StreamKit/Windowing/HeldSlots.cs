using System.Numerics;
using StreamKit.State;

namespace StreamKit.Windowing;

/// <summary>
/// The slots that windows keep in use. A slot is held when it first appears in any slice, and not released with its last slice: its key mostly comes back
/// in the next one, and giving slots away costs a hash table entry each time. What is held for nothing is swept when it outweighs the rest.
/// </summary>
internal sealed class HeldSlots(KeyedState owner)
{
    private ulong[] _held = [];

    public int Count { get; private set; }

    /// <summary>Holds a slot, if it is not held.</summary>
    public void Hold(int slot)
    {
        var word = slot >> 6;
        if (word >= _held.Length)
            Array.Resize(ref _held, Math.Max(word + 1, Math.Max(16, _held.Length * 2)));
        var bit = 1UL << slot;
        if ((_held[word] & bit) != 0)
            return;
        _held[word] |= bit;
        Count++;
        owner.Retain(slot);
    }

    /// <summary>Releases every slot that none of the columns has.</summary>
    public void Sweep<TAcc>(ReadOnlySpan<Column<TAcc>> used)
    {
        const int WordsPerPage = Column<TAcc>.WordsPerPage;
        for (var word = 0; word < _held.Length; word++)
        {
            var unused = _held[word];
            for (var i = 0; i < used.Length && unused != 0; i++)
                unused &= ~used[i].BitsOf(word / WordsPerPage)[Column<TAcc>.PresentAt + (word % WordsPerPage)];
            _held[word] &= ~unused;
            Count -= BitOperations.PopCount(unused);
            for (; unused != 0; unused &= unused - 1)
                owner.Release((word << 6) + BitOperations.TrailingZeroCount(unused));
        }
    }
}
