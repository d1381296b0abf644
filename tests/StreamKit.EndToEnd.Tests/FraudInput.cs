using System.Globalization;

namespace StreamKit.EndToEnd.Tests;

/// <summary>
/// Inputs for the sample in which the edges of its rules come up all the time: equal times, ids in no order, gaps of exactly a minute, amounts on the limits,
/// times on the borders of windows, arrival up to exactly 5 seconds late.
/// </summary>
internal sealed class FraudInput(int seed)
{
    private const int LatestArrival = 5_000;

    private static readonly DateTime _start = new(2024, 2, 28, 23, 30, 0, DateTimeKind.Utc);
    private static readonly int[] _gaps = [0, 0, 1, 999, 4_999, 5_000, 5_001, 30_000, 59_999, 60_000, 60_000, 60_001, 120_000];
    private static readonly string[] _amounts = ["0.01", "0.99", "0.999", "1.00", "1.001", "7", "42.50", "499.99", "500.00", "500.01", "500.001", "833.33", "1250", "2500.00"];
    private static readonly string[] _merchants = ["Shop", "\"A, B & Co\"", "\"The \"\"Inn\"\"\"", ""];

    private readonly Random _random = new(seed);

    /// <summary>Writes a file of <paramref name="count"/> transactions of <paramref name="cards"/> cards.</summary>
    public void Write(string path, int count, int cards)
    {
        var ids = Ids(count);
        var events = new List<(long Arrival, string Line)>(count);
        var clocks = new long[cards];
        for (var i = 0; i < count; i++)
        {
            var card = _random.Next(cards);
            clocks[card] += NextGap(clocks[card]);
            var at = _start.AddMilliseconds(clocks[card]);
            var line = string.Create(CultureInfo.InvariantCulture, $"{ids[i]},{at:yyyy-MM-ddTHH:mm:ss.fffZ},c{card},{Any(_merchants)},{Any(_amounts)},AT");
            events.Add((clocks[card] + NextDelay(), line));
        }

        // A delay of at most 5 seconds keeps every record within 5 seconds of the latest one before it.
        var shuffled = events.OrderBy(each => each.Arrival).ThenBy(_ => _random.Next()).Select(each => each.Line);
        File.WriteAllLines(path, shuffled.Prepend("id,at,card,merchant,amount,country"));
    }

    /// <summary>The gap to the card's next transaction; now and then up to a border of a window exactly.</summary>
    private long NextGap(long now) => _random.Next(20) switch
    {
        0 => 60_000 - (now % 60_000),
        1 => 60_000 - (now % 60_000) - 1,
        < 8 => _random.Next(3_000),
        < 12 => _random.Next(90_000),
        _ => Any(_gaps),
    };

    private int NextDelay() => _random.Next(4) switch
    {
        0 => 0,
        1 => LatestArrival,
        _ => _random.Next(LatestArrival + 1),
    };

    /// <summary>Ids of all lengths, so that their order as numbers is not their order as text, in no relation to time.</summary>
    private long[] Ids(int count)
    {
        var ids = new HashSet<long> { 9_007_199_254_740_993, long.MaxValue };
        while (ids.Count < count)
            ids.Add(_random.NextInt64(1L << _random.Next(4, 63)));
        var shuffled = ids.Take(count).ToArray();
        _random.Shuffle(shuffled);
        return shuffled;
    }

    private TValue Any<TValue>(TValue[] values) => values[_random.Next(values.Length)];
}
