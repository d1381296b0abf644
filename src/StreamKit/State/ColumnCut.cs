using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace StreamKit.State;

/// <summary>A column as it was at the barrier. See <see cref="Column{T}"/> for how it stays so.</summary>
internal sealed class ColumnCut<T> : CutTable
{
    private readonly Column<T> _column;
    private readonly RowCodec<T>? _codec;
    private readonly bool _frozen;
    private Column<T>.Page[] _pages;
    private PendingRows? _rows;
    private ulong[]?[] _pending;
    private int _nextWord;
    private Exception? _failure;
    private volatile bool _released;

    internal ColumnCut(Column<T> column, Column<T>.Page[] pages, bool frozen, RowCodec<T>? codec)
    {
        _column = column;
        _pages = pages;
        _codec = codec;
        _frozen = frozen;
        _rows = frozen ? null : new PendingRows();
        _pending = frozen ? [] : new ulong[pages.Length][];
    }

    /// <summary>Whether the owner may change pages in place again.</summary>
    public bool IsReleased => _released;

    public override Exception? Failure => _failure;

    /// <summary>Whether the slot had a value at the barrier. Complete when <see cref="Advance"/> has returned true.</summary>
    public bool Has(int slot)
    {
        if (!_frozen)
            return _rows?.Has(slot) ?? false;
        int index = slot >>> Column<T>.PageBits;
        return index < _pages.Length && _pages[index].Has(slot);
    }

    /// <summary>The slots that had a value at the barrier, in order, of a column of immutable values.</summary>
    public Column<T>.SlotEnumerator Slots => new(_pages);

    /// <summary>The value of a slot at the barrier, of a column of immutable values.</summary>
    public bool TryGet(int slot, [MaybeNullWhen(false)] out T value)
    {
        Debug.Assert(_frozen, "values that can change are in a cut as rows only");
        bool has = Has(slot);
        value = has ? _pages[slot >>> Column<T>.PageBits].At(slot) : default;
        return has;
    }

    public override bool Advance(ref int slots)
    {
        if (_frozen || _released)
            return true;

        for (; _nextWord < _pages.Length * Column<T>.WordsPerPage; _nextWord++)
        {
            int index = _nextWord / Column<T>.WordsPerPage;
            if (_pages[index].Values is null)
            {
                _nextWord += Column<T>.WordsPerPage - 1;
                continue;
            }

            ulong[] pending = PendingOf(index);
            while (pending[_nextWord % Column<T>.WordsPerPage] is ulong bits and not 0)
            {
                if (slots <= 0)
                    return false;
                slots--;
                Serialize((_nextWord << 6) + BitOperations.TrailingZeroCount(bits), pending);
                if (_released)
                    return true;
            }
        }

        _column.EndPending(this);
        return true;
    }

    public override void WriteSlot(int slot, RowSink sink)
    {
        if (!_frozen)
            _rows?.Replay(slot, sink);
        else if (Has(slot))
            _codec!.Write(in _pages[slot >>> Column<T>.PageBits].At(slot), sink); // a column without codec is only read by TryGet
    }

    public override void Release()
    {
        _released = true;

        // Whoever still holds the cut need not hold the old pages.
        _pages = [];
        _pending = [];
        _rows = null;
    }

    /// <summary>Called on the owner's thread before the slot's value is handed out or changed.</summary>
    internal void Touch(int slot)
    {
        int index = slot >>> Column<T>.PageBits;
        if (index >= _pages.Length || _pages[index].Values is null)
            return;
        ulong[] pending = PendingOf(index);
        if ((pending[Column<T>.Page.Word(slot)] & (1UL << slot)) != 0)
            Serialize(slot, pending);
    }

    // Made at the first touch of the page: until then its bitmap of present values is that of the cut.
    private ulong[] PendingOf(int index) => _pending[index] ??= (ulong[])_pages[index].Present.Clone();

    private void Serialize(int slot, ulong[] pending)
    {
        pending[Column<T>.Page.Word(slot)] &= ~(1UL << slot);
        try
        {
            _rows!.Begin(slot); // a cut with pending slots has rows
            _codec!.Write(in _pages[slot >>> Column<T>.PageBits].At(slot), _rows);
            _rows.End();
        }
        catch (Exception e)
        {
            // The caller is user code that touches its own healthy state: the cut fails, not the call.
            _failure = e;
            Release();
            _column.EndPending(this);
        }
    }
}
