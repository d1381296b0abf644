using System.Globalization;

namespace StreamKit.EndToEnd.Tests;

/// <summary>
/// The three rules of the sample over a whole file at once, written from their description alone: sorting, loops, every window by itself.
/// Shares no code with the sample or the engine.
/// </summary>
internal static class FraudOracle
{
    /// <summary>The lines of all alerts, sorted.</summary>
    public static string[] Alerts(string inputFile)
    {
        var transactions = File.ReadLines(inputFile).Skip(1).Select(Parse).ToList();
        return [.. transactions.GroupBy(each => each.Card).SelectMany(card => SmallThenLarge(card).Concat(Bursts(card)).Concat(Spends(card))).Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> SmallThenLarge(IGrouping<string, Row> card)
    {
        var inOrder = card.OrderBy(each => each.At).ThenBy(each => each.Id).ToArray();
        for (var i = 1; i < inOrder.Length; i++)
        {
            var (first, second) = (inOrder[i - 1], inOrder[i]);
            if (first.Amount < 1.00m && second.Amount > 500.00m && second.At - first.At <= TimeSpan.FromSeconds(60))
                yield return $$"""{"rule":"small-then-large","card":"{{card.Key}}","at":"{{Text(second.At)}}","id":{{second.Id}}}""";
        }
    }

    private static IEnumerable<string> Bursts(IGrouping<string, Row> card)
    {
        foreach (var start in card.Select(each => Minute(each.At)).Distinct())
        {
            var count = card.Count(each => each.At >= start && each.At < start.AddMinutes(1));
            if (count > 5)
                yield return $$"""{"rule":"burst","card":"{{card.Key}}","at":"{{Text(start)}}","count":{{count}}}""";
        }
    }

    private static IEnumerable<string> Spends(IGrouping<string, Row> card)
    {
        // Every full minute that can be the end of a window with a transaction in it.
        foreach (var end in card.SelectMany(each => Enumerable.Range(1, 10).Select(i => Minute(each.At).AddMinutes(i))).Distinct())
        {
            var total = card.Where(each => each.At >= end.AddMinutes(-10) && each.At < end).Sum(each => each.Amount);
            if (total > 5000.00m)
                yield return string.Create(CultureInfo.InvariantCulture, $$"""{"rule":"spend","card":"{{card.Key}}","at":"{{Text(end)}}","total":{{total}}}""");
        }
    }

    private static Row Parse(string line)
    {
        // Merchants may be quoted; what the rules need is in the first three fields and the one before the last.
        var head = line.Split(',', 4);
        var amount = head[3].Split(',')[^2];
        return new Row(
            long.Parse(head[0], CultureInfo.InvariantCulture),
            DateTime.Parse(head[1], CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal),
            head[2],
            decimal.Parse(amount, CultureInfo.InvariantCulture));
    }

    private static DateTime Minute(DateTime at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMinute));

    private static string Text(DateTime at) => at.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private sealed record Row(long Id, DateTime At, string Card, decimal Amount);
}
