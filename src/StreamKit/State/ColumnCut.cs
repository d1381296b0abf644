using System.Numerics;

namespace StreamKit.State;

/// <summary>What had changed in a column at the barrier, as it was then. See <see cref="Column{T}"/> for how it stays so.</summary>
internal sealed class ColumnCut<T> : CutTable
{
    /// <summary>Up to so many values of a page are copied one by one; of more, the whole page is kept.</summary>
    private const int FewValues = Column<T>.PageSize / 8;

    /// <summary>How many copied values count as one serialized one.</summary>
    private const int CopiesPerSlot = 16;

    private readonly Column<T> _column;
    private readonly RowCodec<T> _codec;
    private readonly bool _immutable;
    private readonly CutPage<T>?[] _pages;
    private PendingRows? _rows;
    private int _next;
    private int _settled;
    private Exception? _failure;
    private volatile bool _released;

    internal ColumnCut(Column<T> column, int pages, bool immutable, RowCodec<T> codec)
    {
        _column = column;
        _pages = new CutPage<T>[pages];
        _codec = codec;
        _immutable = immutable;
        _rows = immutable ? null : new PendingRows();
    }

    /// <summary>Whether the owner may change pages in place again.</summary>
    public bool IsReleased => _released;

    public override Exception? Failure => _failure;

    /// <summary>Whether the slot was changed and had a value at the barrier. Complete when <see cref="Advance"/> has returned true.</summary>
    public bool Has(int slot) => PageOf(slot) is { } page && CutPage<T>.Has(page.Present, slot);

    public override bool Advance(ref int slots)
    {
        for (; _next < _pages.Length && !_released; _next++)
        {
            if (slots <= 0)
                return false;
            slots -= 1 + (_column.Take(_next, this) / CopiesPerSlot); // looking at a page costs as much as some values
            if (_pages[_next]?.Pending is { } pending && !Serialize(_next, pending, ref slots))
                return false;
        }

        return true;
    }

    public override void CollectSlots(SlotSet into)
    {
        for (int i = 0; i < _pages.Length; i++)
        {
            if (_pages[i] is not { } page)
                continue;
            into.UnionWith(i, page.Present);
            into.UnionWith(i, page.Absent);
        }
    }

    public override void WriteSlot(int slot, OrderedRowSink sink)
    {
        if (PageOf(slot) is not { } page)
            return;
        if (!CutPage<T>.Has(page.Present, slot))
        {
            if (CutPage<T>.Has(page.Absent, slot))
                sink.AddTombstone();
            return;
        }

        if (page.IsReplaced(slot))
            sink.BeginReplacement();
        WriteRows(slot, sink);
        sink.EndReplacement();
    }

    /// <summary>Writes the rows of a slot that has a value.</summary>
    public void WriteRows(int slot, RowSink sink)
    {
        if (!_immutable)
            _rows!.Replay(slot, sink); // asked for before the cut is released
        else
            _codec.Write(in PageOf(slot)!.At(slot), sink); // the caller has seen it
    }

    public override void Release()
    {
        _released = true;

        // Whoever still holds the cut need not hold the values.
        _rows = null;
        foreach (CutPage<T>? page in _pages)
        {
            if (page is not null)
                page.Values = null;
        }
    }

    public override bool Settle(bool stored, ref int pages)
    {
        for (; _settled < _pages.Length; _settled++)
        {
            if (_pages[_settled] is not { } page)
                continue;
            if (pages-- <= 0)
                return false;
            _column.Settle(_settled, page, stored);
        }

        _column.EndCut();
        return true;
    }

    /// <summary>Called on the owner's thread before the page is written for the first time, or in its turn.</summary>
    /// <returns>How many values were taken.</returns>
    internal int Take(int index, ref Column<T>.Page page)
    {
        Span<ulong> changed = page.Bits.AsSpan(Column<T>.ChangedAt, Column<T>.WordsPerPage);
        if (!changed.ContainsAnyExcept(0UL))
            return 0;
        var taken = new CutPage<T>(notesReplaced: !_codec.IsOneRow);
        Span<ulong> present = taken.Present;
        Span<ulong> absent = taken.Absent;
        Span<ulong> replaced = taken.Replaced;
        int count = 0;
        for (int word = 0; word < present.Length; word++)
        {
            ulong has = page.Bits[Column<T>.PresentAt + word];
            present[word] = changed[word] & has;
            absent[word] = changed[word] & ~has;
            count += BitOperations.PopCount(present[word]);
            if (!replaced.IsEmpty)
                replaced[word] = page.Bits[Column<T>.StoredAt + word];
            page.Bits[Column<T>.StoredAt + word] |= changed[word];
            page.Bits[word] = 0; // no longer ready
        }

        changed.Clear();
        _pages[index] = taken;
        if (!_immutable)
            taken.Pending = count == 0 ? null : present.ToArray();
        else
            Keep(ref page, taken, count);
        return count;
    }

    /// <summary>Called on the owner's thread before the slot's value is handed out or changed, after its page was taken.</summary>
    internal void Touch(int slot)
    {
        if (!_released && PageOf(slot)?.Pending is { } pending && CutPage<T>.Has(pending, slot))
            Serialize(slot, pending);
    }

    private static void Keep(ref Column<T>.Page page, CutPage<T> taken, int count)
    {
        if (count > FewValues)
        {
            taken.IsWhole = true;
            taken.Values = page.Values;
            page.IsShared = true;
            return;
        }

        var values = new T[count];
        int next = 0;
        Span<ulong> present = taken.Present;
        for (int word = 0; word < present.Length; word++)
        {
            for (ulong bits = present[word]; bits != 0; bits &= bits - 1)
                values[next++] = page.At((word << 6) + BitOperations.TrailingZeroCount(bits));
        }

        taken.Values = values;
    }

    private CutPage<T>? PageOf(int slot)
    {
        int index = slot >>> Column<T>.PageBits;
        return index < _pages.Length ? _pages[index] : null;
    }

    /// <summary>Serializes what is pending of a page, as far as allowed.</summary>
    private bool Serialize(int index, ulong[] pending, ref int slots)
    {
        for (int word = 0; word < pending.Length; word++)
        {
            while (pending[word] != 0)
            {
                if (slots <= 0)
                    return false;
                slots--;
                Serialize((index << Column<T>.PageBits) + (word << 6) + BitOperations.TrailingZeroCount(pending[word]), pending);
                if (_released)
                    return true;
            }
        }

        return true;
    }

    private void Serialize(int slot, ulong[] pending)
    {
        pending[Column<T>.Page.Word(slot)] &= ~(1UL << slot);
        PendingRows rows = _rows!; // there until the cut is released
        try
        {
            rows.Begin(slot);
            _codec.Write(in _column.Place(slot), rows);
            rows.End();
        }
        catch (Exception e)
        {
            // The caller is user code that touches its own healthy state: the cut fails, not the call.
            _failure = e;
            Release();
        }
    }
}
