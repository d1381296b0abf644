using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamKit.State;

/// <summary>
/// Values by slot, in pages, without saying which are meaningful. Owned by one thread; another one may read, by <see cref="Reader"/>, slots that the owner
/// has written before and does not write again meanwhile.
/// </summary>
internal sealed class SlotArray<T>
{
    private const int PageBits = SlotSet.PageBits;
    private const int PageSize = 1 << PageBits;

    private T[][] _pages = [];

    /// <summary>The pages at hand, for a loop that sets nothing, or for another thread.</summary>
    public PageReader Reader => new(_pages);

    public T this[int slot]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _pages[slot >>> PageBits][slot & (PageSize - 1)];
        set
        {
            int page = slot >>> PageBits;
            if (page >= _pages.Length || _pages[page] is null)
                Grow(page);
            _pages[page][slot & (PageSize - 1)] = value;
        }
    }

    private void Grow(int page)
    {
        if (page >= _pages.Length)
            Array.Resize(ref _pages, Math.Max(page + 1, Math.Max(4, _pages.Length * 2)));
        _pages[page] = new T[PageSize];
    }

    /// <summary>Reads slots that have been set.</summary>
    internal readonly struct PageReader(T[][] pages)
    {
        // The indexes are within the arrays by construction.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref readonly T At(int slot)
        {
            T[] page = Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(pages), slot >>> PageBits);
            return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(page), slot & (PageSize - 1));
        }
    }
}
