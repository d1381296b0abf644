using System.Globalization;

namespace StreamKit.EndToEnd.Tests;

/// <summary>The rules of the sample exactly at their limits. Every case is a card of its own, so one run of the sample decides them all.</summary>
public class RuleLimitTests
{
    private static readonly DateTime _start = new(2025, 1, 1, 8, 0, 0, DateTimeKind.Utc);

    /// <summary>Rule, how many alerts, the case, and its transactions as id@milliseconds:amount in the order of arrival.</summary>
    private static readonly (string Rule, int Alerts, string Case, string Transactions)[] _cases =
    [
        ("small-then-large", 1, "small then large", "1@500:0.99 2@1500:500.01"),
        ("small-then-large", 0, "1.00 is not small", "1@500:1.00 2@1500:500.01"),
        ("small-then-large", 1, "0.999 is small", "1@500:0.999 2@1500:500.01"),
        ("small-then-large", 0, "500.00 is not large", "1@500:0.99 2@1500:500.00"),
        ("small-then-large", 1, "500.001 is large", "1@500:0.99 2@1500:500.001"),
        ("small-then-large", 1, "just below 60 s", "1@59500:0.99 2@119499:500.01"),
        ("small-then-large", 1, "exactly 60 s", "1@59500:0.99 2@119500:500.01"),
        ("small-then-large", 0, "just above 60 s", "1@59500:0.99 2@119501:500.01"),
        ("small-then-large", 1, "ids as numbers at one time", "9@500:0.99 10@500:500.01"),
        ("small-then-large", 1, "ids as numbers whatever arrives first", "10@500:500.01 9@500:0.99"),
        ("small-then-large", 0, "the large one has the smaller id", "10@500:0.99 9@500:500.01"),
        ("small-then-large", 0, "another one between", "1@500:0.99 2@1000:20.00 3@1500:500.01"),
        ("small-then-large", 0, "another one between at the time of the large one", "1@500:0.99 2@1500:20.00 3@1500:500.01"),
        ("small-then-large", 1, "small twice", "1@500:0.50 2@1000:0.99 3@1500:500.01"),
        ("small-then-large", 1, "large twice", "1@500:0.50 2@1000:600.00 3@1500:600.00"),
        ("small-then-large", 1, "arrived the other way round", "1@4000:600.00 2@500:0.50"),
        ("small-then-large", 0, "large then small", "1@500:600.00 2@1000:0.50"),

        ("burst", 0, "5 in a minute", "1@0:9 2@10:9 3@20:9 4@30:9 5@59999:9"),
        ("burst", 1, "6 in a minute", "1@0:9 2@10:9 3@20:9 4@30:9 5@40:9 6@59999:9"),
        ("burst", 0, "5 in a minute and one at the start of the next", "1@0:9 2@10:9 3@20:9 4@30:9 5@40:9 6@60000:9"),
        ("burst", 0, "6 within 60 s of two minutes", "1@59000:9 2@59001:9 3@59002:9 4@60000:9 5@60001:9 6@60002:9"),
        ("burst", 1, "6 at one time", "1@7:9 2@7:9 3@7:9 4@7:9 5@7:9 6@7:9"),
        ("burst", 2, "6 in each of two minutes", "1@0:9 2@1:9 3@2:9 4@3:9 5@4:9 6@5:9 7@60000:9 8@60001:9 9@60002:9 10@60003:9 11@60004:9 12@60005:9"),

        ("spend", 0, "exactly 5000.00", "1@0:2500.00 2@1000:2500.00"),
        ("spend", 10, "5000.01", "1@0:2500.00 2@1000:2500.01"),
        ("spend", 10, "5000.001", "1@0:2500.00 2@1000:2500.001"),
        ("spend", 10, "5000.01 at once", "1@0:5000.01"),
        ("spend", 1, "5000.01 within the last instant of ten minutes", "1@0:2500.00 2@599999:2500.01"),
        ("spend", 0, "5000.01 over ten minutes and a millisecond", "1@0:2500.00 2@600000:2500.01"),
        ("spend", 1, "5000.01 within one of two windows", "1@59999:2500.00 2@599999:2500.01"),
    ];

    [Fact]
    public async Task Rules_AtTheirLimits_GoByTheLetter()
    {
        using var sample = new Sample();
        await File.WriteAllLinesAsync(sample.Input, _cases.SelectMany(Lines).OrderBy(each => each.Minute).Select(each => each.Line).Prepend("id,at,card,merchant,amount,country"));

        await sample.Start().FinishAsync();

        var alerts = sample.Alerts();
        Assert.Equal(FraudOracle.Alerts(sample.Input), alerts);
        foreach (var (rule, count, name, _) in _cases)
            Assert.True(count == Count(alerts, rule, name), $"'{name}' gives {Count(alerts, rule, name)} alerts of '{rule}', expected {count}.");
    }

    private static int Count(string[] alerts, string rule, string card) =>
        alerts.Count(line => line.StartsWith($$"""{"rule":"{{rule}}","card":"{{card}}",""", StringComparison.Ordinal));

    /// <summary>The cases go through the file together, minute by minute, each in its own order within: none is late for the others' sake.</summary>
    private static IEnumerable<(long Minute, string Line)> Lines((string Rule, int Alerts, string Case, string Transactions) of)
    {
        foreach (var transaction in of.Transactions.Split(' '))
        {
            var parts = transaction.Split('@', ':');
            var at = long.Parse(parts[1], CultureInfo.InvariantCulture);
            yield return (at / 60_000, $"{parts[0]},{_start.AddMilliseconds(at):yyyy-MM-ddTHH:mm:ss.fffZ},{of.Case},m,{parts[2]},AT");
        }
    }
}
