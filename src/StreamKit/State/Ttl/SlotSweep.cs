namespace StreamKit.State;

/// <summary>Goes through the slots of a column that have a value, some with each batch, over and over.</summary>
internal sealed class SlotSweep<T>(Column<T> column)
{
    /// <summary>Words of 64 slots that a batch passes over in search of one with values: a microsecond at most.</summary>
    private const int WordsPerSweep = 64;

    private int _next;

    /// <summary>The next slots.</summary>
    /// <param name="first">The first of 64 slots.</param>
    /// <returns>Which of them have a value; 0 when that is all for this batch.</returns>
    public ulong Next(out int first)
    {
        for (int words = 0; words < WordsPerSweep; words++)
        {
            int page = _next / Column<T>.WordsPerPage;
            if (page >= column.PageCount)
            {
                _next = 0;
                break;
            }

            first = _next << 6;
            ulong present = column.BitsOf(page)[Column<T>.PresentAt + (_next++ % Column<T>.WordsPerPage)];
            if (present != 0)
                return present;
        }

        first = 0;
        return 0;
    }
}
