using System.Numerics;

namespace StreamKit.State;

/// <summary>A set of slots, as bitmaps by page. Owned by one thread at a time.</summary>
internal sealed class SlotSet
{
    public const int PageBits = 10;
    public const int WordsPerPage = (1 << PageBits) / 64;

    private ulong[]?[] _pages = [];

    public bool Has(int slot)
    {
        int page = slot >>> PageBits;
        return page < _pages.Length && _pages[page] is { } bits && (bits[Word(slot)] & (1UL << slot)) != 0;
    }

    public void Add(int slot) => Page(slot >>> PageBits)[Word(slot)] |= 1UL << slot;

    public void Remove(int slot)
    {
        int page = slot >>> PageBits;
        if (page < _pages.Length && _pages[page] is { } bits)
            bits[Word(slot)] &= ~(1UL << slot);
    }

    /// <summary>Takes all slots out, and keeps the memory.</summary>
    public void Clear()
    {
        foreach (ulong[]? bits in _pages)
        {
            if (bits is not null)
                Array.Clear(bits);
        }
    }

    /// <summary>Adds the slots of a page that bits stand for.</summary>
    public void UnionWith(int page, ReadOnlySpan<ulong> bits)
    {
        ulong[] own = Page(page);
        for (int i = 0; i < WordsPerPage; i++)
            own[i] |= bits[i];
    }

    public void UnionWith(SlotSet other)
    {
        for (int page = 0; page < other._pages.Length; page++)
        {
            if (other._pages[page] is { } bits)
                UnionWith(page, bits);
        }
    }

    /// <summary>Takes the slots of a page out that bits do not stand for; without bits, all.</summary>
    public void IntersectWith(int page, ReadOnlySpan<ulong> bits)
    {
        ulong[] own = Page(page);
        for (int i = 0; i < WordsPerPage; i++)
            own[i] &= bits.IsEmpty ? 0 : bits[i];
    }

    /// <summary>The number of pages, those without slots included.</summary>
    public int PageCount => _pages.Length;

    /// <summary>Which slots of a page are in the set; empty when none was ever.</summary>
    public ReadOnlySpan<ulong> BitsOf(int page) => page < _pages.Length ? _pages[page] : default(ReadOnlySpan<ulong>);

    /// <summary>The slots in order. The one just yielded may be removed.</summary>
    public Enumerator GetEnumerator() => new(_pages);

    private static int Word(int slot) => (slot & ((1 << PageBits) - 1)) >> 6;

    private ulong[] Page(int page)
    {
        if (page >= _pages.Length)
            Array.Resize(ref _pages, Math.Max(page + 1, _pages.Length * 2));
        return _pages[page] ??= new ulong[WordsPerPage];
    }

    public ref struct Enumerator(ulong[]?[] pages)
    {
        private int _word = -1;
        private ulong _bits;

        public int Current { get; private set; }

        public bool MoveNext()
        {
            while (_bits == 0)
            {
                _word++;
                int page = _word / WordsPerPage;
                if (page >= pages.Length)
                    return false;
                if (pages[page] is { } bits)
                    _bits = bits[_word % WordsPerPage];
                else
                    _word += WordsPerPage - 1;
            }

            Current = (_word << 6) + BitOperations.TrailingZeroCount(_bits);
            _bits &= _bits - 1;
            return true;
        }
    }
}
