namespace StreamKit.Comparison;

/// <summary>Calls a loop in pieces, so that the JIT compiles it like any method that is called often, and not once by on-stack replacement.</summary>
internal static class PlainLoop
{
    private const long Piece = 65_536;

    public static Outcome Run(long events, Func<long, long, Outcome> piece)
    {
        var count = 0L;
        var sum = 0L;
        for (var from = 0L; from < events; from += Piece)
        {
            var (pieceCount, pieceSum) = piece(from, Math.Min(from + Piece, events));
            count += pieceCount;
            sum += pieceSum;
        }

        return new Outcome(count, sum);
    }
}
