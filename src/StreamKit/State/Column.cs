using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace StreamKit.State;

/// <summary>
/// The values of one state, by slot: pages of <see cref="PageSize"/> values, and for each slot whether it is present, whether it has changed since the last
/// cut, and whether the segments have it. Owned by the thread of its <see cref="KeyedState"/>; only a <see cref="ColumnCut{T}"/> may be read elsewhere.
/// </summary>
/// <remarks>
/// A cut takes what has changed, page by page: a page is taken before it is written again, and the others in slices. So beginning a cut is a matter of
/// raising the epoch, whatever the number of keys. What is taken stays as it was, depending on the values:
/// <list type="bullet">
/// <item>Of values that cannot change behind the column's back (<see cref="ValueKinds.IsImmutable"/>) a few per page are copied; where there are many, the
/// cut keeps the page, and the first write to it goes to a copy.</item>
/// <item>Of values that can, each is serialized before it is touched, and handing one out, even for reading, is a touch and counts as a change.</item>
/// </list>
/// A present value holds its slot: <see cref="KeyedState.Retain"/> when it appears, <see cref="KeyedState.Release"/> when it is cleared.
/// </remarks>
internal sealed partial class Column<T> : ISlotCells
{
    /// <summary>Slots per page: 8 KB of longs, so that copying a page takes about a microsecond and a cut of 10M slots looks at 10,000 pages.</summary>
    public const int PageSize = 1 << PageBits;

    /// <summary>Where the bitmap of present values begins in <see cref="BitsOf"/>.</summary>
    public const int PresentAt = WordsPerPage;

    internal const int PageBits = SlotSet.PageBits;
    internal const int WordsPerPage = SlotSet.WordsPerPage;
    internal const int ChangedAt = 2 * WordsPerPage;
    internal const int StoredAt = 3 * WordsPerPage;

    /// <summary>One array for all bitmaps of a page, so that they lie side by side.</summary>
    private const int BitmapWords = 4 * WordsPerPage;

    private static readonly ulong[] NoBits = new ulong[BitmapWords];

    private readonly KeyedState? _owner;
    private readonly RowCodec<T> _codec;
    private readonly bool _immutable;
    private Page[] _pages = [];
    private int _epoch = 1;
    private ColumnCut<T>? _cut;

    /// <summary>Creates an empty column.</summary>
    /// <param name="owner">Whose slots the values hold; null for a column whose values do not keep a slot in use.</param>
    /// <param name="immutable">Whether values stay as they are until <see cref="Set"/>, <see cref="Ref"/> or <see cref="Clear"/>.</param>
    /// <param name="codec">How a value becomes rows.</param>
    public Column(KeyedState? owner, bool immutable, RowCodec<T> codec)
    {
        _owner = owner;
        _immutable = immutable;
        _codec = codec;
    }

    /// <summary>Set where values expire.</summary>
    public SlotExpiry? Expiry { get; init; }

    /// <summary>The number of values present.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a value cannot change but by being written, so that a reading is never a touch.</summary>
    public bool IsImmutable => _immutable;

    /// <summary>Counts the cuts; a cell whose own stamp differs was not written since the last one.</summary>
    public int Epoch => _epoch;

    /// <summary>Whether a cut may still be read.</summary>
    public bool IsCutOpen => _cut is { IsReleased: false };

    /// <summary>The number of pages, those without values included.</summary>
    public int PageCount => _pages.Length;

    /// <summary>The slots with a value, in order, by scanning the bitmaps. The slot just yielded may be cleared or written during the loop.</summary>
    public ColumnSlots<T> Slots => new(_pages);

    /// <summary><see cref="Ref"/> with the page table at hand: for a loop in which nothing else touches the column.</summary>
    public ColumnWriter Writer => new(this);

    /// <summary>Whether a value is present. False for a slot outside the column, such as −1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(int slot)
    {
        Page[] pages = _pages;
        int index = slot >>> PageBits;
        return (uint)index < (uint)pages.Length && pages[index].Has(slot);
    }

    /// <summary>Hands out the value. A change where values are not immutable.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(int slot, [MaybeNullWhen(false)] out T value)
    {
        Page[] pages = _pages;
        int index = slot >>> PageBits;
        if ((uint)index < (uint)pages.Length && pages[index].Has(slot))
        {
            if (!_immutable && !pages[index].IsReady(slot, _epoch))
                pages = Prepare(slot, out _);
            value = pages[index].At(slot);
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Hands out the value to somebody who does not change it.</summary>
    public bool TryPeek(int slot, [MaybeNullWhen(false)] out T value)
    {
        bool has = Has(slot);
        if (has && !_immutable && IsCutOpen)
            Touch(slot);
        value = has ? _pages[slot >>> PageBits].At(slot) : default;
        return has;
    }

    /// <summary>The value of a slot that is known to be present in a column of immutable values. Nothing is checked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref readonly T Known(int slot) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_pages), slot >>> PageBits).At(slot);

    /// <summary>The place of the value, to be read and written until the next call of anything; made with a default value if absent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Ref(int slot, out bool existed)
    {
        Page[] pages = _pages;
        int index = slot >>> PageBits;
        existed = true;
        if ((uint)index >= (uint)pages.Length || !pages[index].IsReady(slot, _epoch))
            pages = Prepare(slot, out existed);
        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(pages), index).At(slot);
    }

    /// <summary>Puts a value into a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(int slot, T value) => Ref(slot, out _) = value;

    /// <summary>Takes the value out of a slot; false if there was none.</summary>
    public bool Clear(int slot)
    {
        if (!Has(slot))
            return false;
        ref Page page = ref Prepare(slot, out _)[slot >>> PageBits];
        ulong bit = 1UL << slot;
        int word = Page.Word(slot);
        page.Bits[word] &= ~bit;
        page.Bits[PresentAt + word] &= ~bit;
        if ((page.Bits[StoredAt + word] & bit) == 0)
            page.Bits[ChangedAt + word] &= ~bit; // no segment knows of it, so none needs to be told
        page.At(slot) = default!; // absent: nobody reads it, and a reference must not keep its object alive
        Count--;
        _owner?.Release(slot);
        return true;
    }

    /// <summary>Takes all values out.</summary>
    public void ClearAll()
    {
        foreach (int slot in Slots)
            Clear(slot);
    }

    /// <summary>Takes all values out at once and keeps the pages for the next ones. Only for a column without an owner, and while no cut is open.</summary>
    public void Reset()
    {
        if (_owner is not null || IsCutOpen)
            throw new InvalidOperationException("Slots are released one by one, and pages that a cut reads stay as they are.");
        foreach (ref Page page in _pages.AsSpan())
        {
            if (page.Values is null)
                continue;
            Array.Clear(page.Values);
            Array.Clear(page.Bits);
            page.IsShared = false;
        }

        Count = 0;
    }

    /// <summary>Everything present is in the segments, as it is: called when a checkpoint has been loaded.</summary>
    public void MarkStored()
    {
        foreach (ref Page page in _pages.AsSpan())
        {
            if (page.Values is null)
                continue;
            page.Bits.AsSpan(PresentAt, WordsPerPage).CopyTo(page.Bits.AsSpan(StoredAt));
            page.Bits.AsSpan(ChangedAt, WordsPerPage).Clear();
            page.Bits.AsSpan(0, WordsPerPage).Clear();
        }
    }

    /// <summary>Whether the segments have, or may have, rows of a slot, so that the slot has to stay until they are told otherwise.</summary>
    public bool IsStored(int slot)
    {
        int index = slot >>> PageBits;
        return index < _pages.Length && (_pages[index].Bits[StoredAt + Page.Word(slot)] & (1UL << slot)) != 0;
    }

    /// <summary>Lets the next write to a slot that has a value take note of it, as the first one behind a cut does.</summary>
    public void NoteNextWrite(int slot) => _pages[slot >>> PageBits].Bits[Page.Word(slot)] &= ~(1UL << slot);

    /// <summary>The bitmaps of a page, which of its slots have a value from <see cref="PresentAt"/> on; nothing but zeros outside the column. For reading only.</summary>
    public ulong[] BitsOf(int page) => page < _pages.Length ? _pages[page].Bits : NoBits;

    /// <summary>Asks for the cache lines of values about to be used.</summary>
    public unsafe void Prefetch(ReadOnlySpan<int> slots)
    {
        if (!Sse.IsSupported)
            return;
        Page[] pages = _pages;
        foreach (int slot in slots)
        {
            int index = slot >>> PageBits;
            if ((uint)index >= (uint)pages.Length || pages[index].Values is null)
                continue;

            // The address may be stale when the instruction runs: a prefetch of any address is only a hint.
            Sse.Prefetch0(Unsafe.AsPointer(ref pages[index].At(slot)));
        }
    }

    /// <summary>Begins a cut: everything changed since the last one, as it is now. Takes no time. The former cut must have been settled.</summary>
    public ColumnCut<T> BeginCut()
    {
        if (_cut is not null)
            throw new StreamKitException("A cut of this state is still being written: finish or dispose of it before the next one begins.");
        _epoch++;
        return _cut = new ColumnCut<T>(this, _pages.Length, _immutable, _codec);
    }

    /// <summary>Gives a page to the cut, if it was not given yet.</summary>
    /// <returns>How many values were taken.</returns>
    internal int Take(int index, ColumnCut<T> cut)
    {
        ref Page page = ref _pages[index];
        if (page.Values is null || page.Epoch == _epoch)
            return 0;
        page.Epoch = _epoch;
        return cut.IsReleased ? 0 : cut.Take(index, ref page);
    }

    /// <summary>The cut is over; called by it on the owner's thread.</summary>
    internal void EndCut() => _cut = null;

    /// <summary>What the segments have after a cut, or what has to go into the next one.</summary>
    /// <param name="index">The page.</param>
    /// <param name="taken">The page's part of the cut.</param>
    /// <param name="stored">Whether the cut's rows are in a segment.</param>
    internal void Settle(int index, CutPage<T> taken, bool stored)
    {
        ulong[] bits = _pages[index].Bits;
        Span<ulong> present = taken.Present;
        Span<ulong> absent = taken.Absent;
        for (int word = 0; word < WordsPerPage; word++)
        {
            if (!stored)
                bits[ChangedAt + word] |= present[word] | absent[word];
            else
                bits[StoredAt + word] &= ~(absent[word] & ~bits[PresentAt + word] & ~bits[ChangedAt + word]);
        }
    }

    /// <summary>The value in a slot, for the cut on the owner's thread.</summary>
    internal ref T Place(int slot) => ref _pages[slot >>> PageBits].At(slot);

    /// <summary>Makes the page of a slot exist and be writable, its value be in the cut if one is open, and the slot present and changed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private Page[] Prepare(int slot, out bool existed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        int index = slot >>> PageBits;
        ref Page page = ref PageAt(index);
        if (_cut is { } cut)
        {
            Take(index, cut);
            if (!_immutable)
                cut.Touch(slot);
        }

        if (page.IsShared)
        {
            if (IsCutOpen)
                page.Values = (T[])page.Values.Clone();
            page.IsShared = false;
        }

        page.Epoch = _epoch;
        existed = page.Has(slot);
        int word = Page.Word(slot);
        page.Bits[word] |= 1UL << slot;
        page.Bits[PresentAt + word] |= 1UL << slot;
        page.Bits[ChangedAt + word] |= 1UL << slot;
        if (!existed)
        {
            Count++;
            _owner?.Retain(slot);
        }

        Expiry?.Renew(slot);
        return _pages;
    }

    private ref Page PageAt(int index)
    {
        if (index >= _pages.Length)
        {
            int used = _pages.Length;
            Array.Resize(ref _pages, Math.Max(index + 1, Math.Max(4, used * 2)));
            _pages.AsSpan(used).Fill(new Page { Bits = NoBits });
        }

        ref Page page = ref _pages[index];
        if (page.Values is null)
        {
            page.Values = new T[PageSize];
            page.Bits = new ulong[BitmapWords];
            page.Epoch = _epoch;
        }

        return ref page;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Touch(int slot)
    {
        ColumnCut<T> cut = _cut!; // the caller has tested it
        Take(slot >>> PageBits, cut);
        cut.Touch(slot);
    }

    /// <summary>
    /// One page. Until the first write it has no values, its epoch is 0, and it shares bitmaps without a bit. The first bitmap says which slots are ready
    /// to be written in place: present, changed, and not wanted by a cut; it holds in the page's epoch only.
    /// </summary>
    internal struct Page
    {
        public T[] Values;
        public ulong[] Bits;

        /// <summary>The column's epoch when it was last written or taken by a cut: with an older one, a cut has yet to look at it.</summary>
        public int Epoch;

        /// <summary>Whether a cut keeps the values as they are.</summary>
        public bool IsShared;

        public static int Word(int slot) => (slot & (PageSize - 1)) >> 6;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly bool IsReady(int slot, int epoch) => Epoch == epoch && (BitsAt(Word(slot)) & (1UL << slot)) != 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly bool Has(int slot) => (BitsAt(PresentAt + Word(slot)) & (1UL << slot)) != 0;

        // The index is below PageSize by construction. Leaving the array's own check out also leaves out its type check on stores.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly ref T At(int slot) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Values), slot & (PageSize - 1));

        // Like At: the index is below the length by construction.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly ulong BitsAt(int word) => Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Bits), word);
    }

    /// <summary>Hands out places as <see cref="Column{T}.Ref"/> does.</summary>
    internal ref struct ColumnWriter(Column<T> column)
    {
        private readonly Column<T> _column = column;
        private readonly int _epoch = column._epoch;
        private Span<Page> _pages = column._pages;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref T Ref(int slot, out bool existed)
        {
            int index = slot >>> PageBits;
            existed = true;
            if ((uint)index >= (uint)_pages.Length || !_pages[index].IsReady(slot, _epoch))
                _pages = _column.Prepare(slot, out existed);
            return ref Unsafe.Add(ref MemoryMarshal.GetReference(_pages), index).At(slot);
        }
    }
}
