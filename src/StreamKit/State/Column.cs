using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace StreamKit.State;

/// <summary>
/// The values of one state, by slot: pages of <see cref="PageSize"/> values with a bitmap of those present. Owned by the thread of its
/// <see cref="KeyedState"/>; only a <see cref="ColumnCut{T}"/> may be read elsewhere.
/// </summary>
/// <remarks>
/// How a cut stays as it was while the owner goes on depends on the values.
/// <list type="bullet">
/// <item>Frozen: values that cannot change behind the column's back (<see cref="ValueKinds.IsImmutable"/>). The cut keeps the pages; the
/// first write to a page copies it, and the copy is live from then on.</item>
/// <item>Pending: values that can. A slot's value is serialized before the first touch after the cut, and handing it out, even for
/// reading, is a touch. The rest is serialized by <see cref="ColumnCut{T}.Advance"/>.</item>
/// </list>
/// A present value holds its slot: <see cref="KeyedState.Retain"/> when it appears, <see cref="KeyedState.Release"/> when it is cleared.
/// </remarks>
internal sealed class Column<T>
{
    /// <summary>Slots per page: 8 KB of longs, so that copying a page takes about a microsecond and a cut of 10M slots looks at 10,000 pages.</summary>
    public const int PageSize = 1 << PageBits;

    internal const int PageBits = 10;
    internal const int WordsPerPage = PageSize / 64;

    private static readonly ulong[] NonePresent = new ulong[WordsPerPage];

    private readonly KeyedState? _owner;
    private readonly RowCodec<T>? _codec;
    private readonly bool _frozenByCut;
    private Page[] _pages = [];
    private int _epoch = 1;

    // The epoch of the pages that may be written at once: the current one, or none while every write has to ask the pending cut.
    private int _writableEpoch = 1;
    private ColumnCut<T>? _cut;
    private ColumnCut<T>? _pendingCut;

    /// <summary>Creates an empty column.</summary>
    /// <param name="owner">Whose slots the values hold; null for a column whose values do not keep a slot in use.</param>
    /// <param name="immutable">Whether values stay as they are until <see cref="Set"/>, <see cref="Ref"/> or <see cref="Clear"/>.</param>
    /// <param name="codec">How a value becomes rows; null for a column that is cut only to be read by <see cref="ColumnCut{T}.TryGet"/>.</param>
    public Column(KeyedState? owner, bool immutable, RowCodec<T>? codec)
    {
        if (!immutable)
            ArgumentNullException.ThrowIfNull(codec);
        _owner = owner;
        _frozenByCut = immutable;
        _codec = codec;
    }

    /// <summary>The number of values present.</summary>
    public int Count { get; private set; }

    /// <summary>Whether every slot's value stays as it is while a cut is being written, so that a reading is never a touch.</summary>
    public bool IsFrozenByCut => _frozenByCut;

    /// <summary>Counts the cuts; a cell whose own stamp differs was not written since the last one.</summary>
    public int Epoch => _epoch;

    /// <summary>Whether a cut may still be read.</summary>
    public bool IsCutOpen => _cut is { IsReleased: false };

    /// <summary>Whether a value is present. False for a slot outside the column, such as −1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(int slot)
    {
        Page[] pages = _pages;
        int index = slot >>> PageBits;
        return (uint)index < (uint)pages.Length && pages[index].Has(slot);
    }

    /// <summary>Hands out the value. A touch where values are not immutable.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(int slot, [MaybeNullWhen(false)] out T value)
    {
        Page[] pages = _pages;
        int index = slot >>> PageBits;
        if ((uint)index < (uint)pages.Length && pages[index].Has(slot))
        {
            if (_pendingCut is not null)
                Touch(slot);
            value = pages[index].At(slot);
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>The value of a slot that is known to be present in a column of immutable values. Nothing is checked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref readonly T Known(int slot) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_pages), slot >>> PageBits).At(slot);

    /// <summary><see cref="Known"/> with the page table at hand: for a loop that writes nothing.</summary>
    public KnownReader Reader => new(_pages);

    /// <summary><see cref="Ref"/> with the page table at hand: for a loop in which nothing else touches the column.</summary>
    public ColumnWriter Writer => new(this);

    /// <summary>The place of the value, to be read and written until the next call of anything; made with a default value if absent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Ref(int slot, out bool existed)
    {
        Page[] pages = _pages;
        int index = slot >>> PageBits;
        if ((uint)index >= (uint)pages.Length || pages[index].Epoch != _writableEpoch)
            pages = PrepareWrite(slot);

        ref Page page = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(pages), index);
        existed = page.Has(slot);
        if (!existed)
            Appear(ref page, slot);
        return ref page.At(slot);
    }

    /// <summary>Puts a value into a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(int slot, T value) => Ref(slot, out _) = value;

    /// <summary>Takes the value out of a slot; false if there was none.</summary>
    public bool Clear(int slot)
    {
        if (!Has(slot))
            return false;
        ref Page page = ref PrepareWrite(slot)[slot >>> PageBits];
        page.Bits(slot) &= ~(1UL << slot);
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
            Array.Clear(page.Present);
        }

        Count = 0;
    }

    /// <summary>The number of pages, those without values included.</summary>
    public int PageCount => _pages.Length;

    /// <summary>Which slots of a page have a value, a bit each; nothing but zeros outside the column. For reading only.</summary>
    public ulong[] PresentIn(int page) => page < _pages.Length ? _pages[page].Present : NonePresent;

    /// <summary>The slots with a value, in order, by scanning the bitmaps. The slot just yielded may be cleared or written during the loop.</summary>
    public SlotEnumerator Slots => new(_pages);

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

    /// <summary>
    /// Begins a cut: everything present now, as it is now. Takes as long as copying the page table.
    /// The former cut must have been released.
    /// </summary>
    public ColumnCut<T> BeginCut()
    {
        if (IsCutOpen)
            throw new StreamKitException("A cut of this state is still being written: finish or dispose of it before the next one begins.");
        _epoch++;
        Page[] pages = Count == 0 ? [] : _pages.AsSpan().ToArray(); // of an empty column nothing is watched from here on, so nothing may be looked at
        _cut = new ColumnCut<T>(this, pages, _frozenByCut, _codec);
        _pendingCut = _frozenByCut || Count == 0 ? null : _cut;
        _writableEpoch = _pendingCut is null ? _epoch : -1;
        return _cut;
    }

    /// <summary>Called by the cut on the owner's thread when no value waits to be serialized any more.</summary>
    internal void EndPending(ColumnCut<T> cut)
    {
        if (_pendingCut != cut)
            return;
        _pendingCut = null;
        _writableEpoch = _epoch;
    }

    private void Appear(ref Page page, int slot)
    {
        page.Bits(slot) |= 1UL << slot;
        Count++;
        _owner?.Retain(slot);
    }

    /// <summary>Makes the page of a slot exist and be writable, and its value be in the cut if one is open.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private Page[] PrepareWrite(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        int index = slot >>> PageBits;
        if (index >= _pages.Length)
        {
            int used = _pages.Length;
            Array.Resize(ref _pages, Math.Max(index + 1, Math.Max(4, used * 2)));
            _pages.AsSpan(used).Fill(new Page { Present = NonePresent });
        }

        ref Page page = ref _pages[index];
        if (page.Values is null)
        {
            page.Values = new T[PageSize];
            page.Present = new ulong[WordsPerPage];
        }
        else if (_pendingCut is not null)
        {
            Touch(slot);
        }
        else if (page.Epoch != _epoch && IsCutOpen && _frozenByCut)
        {
            page.Values = (T[])page.Values.Clone();
            page.Present = (ulong[])page.Present.Clone();
        }

        page.Epoch = _epoch;
        return _pages;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Touch(int slot)
    {
        ColumnCut<T> cut = _pendingCut!; // the callers have tested it
        if (cut.IsReleased)
            EndPending(cut);
        else
            cut.Touch(slot);
    }

    /// <summary>One page. Until the first write it has no values, its epoch is 0, and it shares a bitmap in which nothing is present.</summary>
    internal struct Page
    {
        public T[] Values;
        public ulong[] Present;

        /// <summary>The column's epoch of the last write: a different one means that a cut may hold this page.</summary>
        public int Epoch;

        public static int Word(int slot) => (slot & (PageSize - 1)) >> 6;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly bool Has(int slot) => (Bits(slot) & (1UL << slot)) != 0;

        // Like At: the index is below the length by construction.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly ref ulong Bits(int slot) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Present), Word(slot));

        // The index is below PageSize by construction. Leaving the array's own check out also leaves out its type check on stores.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly ref T At(int slot) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Values), slot & (PageSize - 1));
    }

    /// <summary>Reads values known to be present; nothing is checked.</summary>
    internal readonly ref struct KnownReader(Page[] pages)
    {
        private readonly ref Page _first = ref MemoryMarshal.GetArrayDataReference(pages);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref readonly T At(int slot) => ref Unsafe.Add(ref _first, slot >>> PageBits).At(slot);
    }

    /// <summary>Hands out places as <see cref="Column{T}.Ref"/> does.</summary>
    internal ref struct ColumnWriter(Column<T> column)
    {
        private readonly Column<T> _column = column;
        private readonly int _epoch = column._writableEpoch;
        private Span<Page> _pages = column._pages;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref T Ref(int slot, out bool existed)
        {
            int index = slot >>> PageBits;
            if ((uint)index >= (uint)_pages.Length || _pages[index].Epoch != _epoch)
                _pages = _column.PrepareWrite(slot);

            ref Page page = ref Unsafe.Add(ref MemoryMarshal.GetReference(_pages), index);
            existed = page.Has(slot);
            if (!existed)
                _column.Appear(ref page, slot);
            return ref page.At(slot);
        }
    }

    /// <summary>Walks the bitmaps page by page.</summary>
    internal ref struct SlotEnumerator
    {
        private readonly Page[] _pages;
        private int _word;
        private ulong _bits;

        internal SlotEnumerator(Page[] pages)
        {
            _pages = pages;
            _word = -1;
        }

        public int Current { get; private set; }

        public readonly SlotEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            while (_bits == 0)
            {
                _word++;
                int index = _word / WordsPerPage;
                if (index >= _pages.Length)
                    return false;
                if (_pages[index].Values is null)
                    _word += WordsPerPage - 1;
                else
                    _bits = _pages[index].Present[_word % WordsPerPage];
            }

            Current = (_word << 6) + BitOperations.TrailingZeroCount(_bits);
            _bits &= _bits - 1;
            return true;
        }
    }
}
