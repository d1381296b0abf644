using System.Globalization;

namespace FraudDetection;

/// <summary>
/// Makes the sample's own input: ordinary payments of 2,000 cards over some two hours, the three frauds among them, and some that are almost frauds.
/// The same seed gives the same file. Lines are in the order of arrival, up to 5 seconds behind the events.
/// </summary>
internal sealed class TransactionGenerator(int seed)
{
    private const int Cards = 2_000;
    private const int MillisecondsPerTransaction = 40;
    private const int LatestArrival = 5_000;

    private static readonly DateTimeOffset s_start = new(2025, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly string[] s_merchants = ["Corner Bakery", "\"Nagy, Sons & Co\"", "Metro Tickets", "Book Harbour", "\"Café \"\"Zur Post\"\"\"", "Gas & Go", "Green Grocer"];
    private static readonly string[] s_countries = ["AT", "DE", "FR", "HU", "NL", "PL"];

    private readonly Random _random = new(seed); // .NET promises the same numbers for the same seed
    private readonly List<Payment> _payments = [];
    private int _exactSpenders;

    /// <summary>Writes <paramref name="count"/> transactions. The file appears when it is complete.</summary>
    public void Write(string path, int count)
    {
        var span = (long)count * MillisecondsPerTransaction;
        while (_payments.Count < count / 40)
            PlantFrauds(span);
        while (_payments.Count < count)
            Pay(_random.Next(Cards), _random.NextInt64(span), 100 + (long)(15_000 * Math.Pow(_random.NextDouble(), 3)));

        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // a file's path is never a root
        var unfinished = $"{path}.{Environment.ProcessId}";
        File.WriteAllLines(unfinished, _payments.OrderBy(static payment => payment.Arrival).Select(Line).Prepend("id,at,card,merchant,amount,country"));
        File.Move(unfinished, path, overwrite: true);
    }

    private void PlantFrauds(long span)
    {
        // A small payment to try the card, then a large one: within a minute, after exactly a minute, in the same millisecond, and just too late.
        foreach (var gap in (int[])[_random.Next(1, 60_000), 60_000, 0, 60_001])
        {
            var (card, at) = (_random.Next(Cards), _random.NextInt64(span));
            Pay(card, at, _random.Next(1, 100));
            Pay(card, at + gap, _random.Next(50_001, 90_000));
        }

        // Not small, and not large.
        var (other, time) = (_random.Next(Cards), _random.NextInt64(span));
        Pay(other, time, 100);
        Pay(other, time + 1_000, 50_000);

        // Many payments within a minute.
        var (burst, minute) = (_random.Next(Cards), _random.NextInt64(span / 60_000) * 60_000);
        for (var i = _random.Next(5, 12); i > 0; i--)
            Pay(burst, minute + _random.Next(60_000), _random.Next(200, 3_000));

        // Much money within ten minutes.
        var (spender, from) = (_random.Next(Cards), _random.NextInt64(span));
        for (var i = 8; i > 0; i--)
            Pay(spender, from + _random.Next(600_000), _random.Next(60_000, 90_000));

        // Exactly 5000.00 within ten minutes, which is not above it; on a card that pays nothing else.
        var exact = Cards + _exactSpenders++;
        for (var i = 4; i > 0; i--)
            Pay(exact, from + _random.Next(500_000), 125_000);
    }

    private void Pay(int card, long at, long cents) => _payments.Add(new Payment(card, at, cents, at + _random.Next(LatestArrival)));

    private string Line(Payment payment, int index) => string.Create(
        CultureInfo.InvariantCulture,
        $"{index + 1},{s_start.AddMilliseconds(payment.At):yyyy-MM-ddTHH:mm:ss.fff}Z,card-{payment.Card:D4},{s_merchants[_random.Next(s_merchants.Length)]},{payment.Cents / 100m:0.00},{s_countries[payment.Card % s_countries.Length]}");

    private sealed record Payment(int Card, long At, long Cents, long Arrival);
}
