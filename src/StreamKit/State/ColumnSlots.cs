using System.Numerics;

namespace StreamKit.State;

/// <summary>The slots of a column that have a value, in order, by scanning the bitmaps page by page.</summary>
internal ref struct ColumnSlots<T>
{
    private readonly Column<T>.Page[] _pages;
    private int _word;
    private ulong _bits;

    public ColumnSlots(Column<T>.Page[] pages)
    {
        _pages = pages;
        _word = -1;
    }

    public int Current { get; private set; }

    public readonly ColumnSlots<T> GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_bits == 0)
        {
            _word++;
            int index = _word / Column<T>.WordsPerPage;
            if (index >= _pages.Length)
                return false;
            if (_pages[index].Values is null)
                _word += Column<T>.WordsPerPage - 1;
            else
                _bits = _pages[index].Bits[Column<T>.PresentAt + (_word % Column<T>.WordsPerPage)];
        }

        Current = (_word << 6) + BitOperations.TrailingZeroCount(_bits);
        _bits &= _bits - 1;
        return true;
    }
}
