using System.Globalization;

namespace StreamKit.Comparison;

/// <summary>What the command line asks for.</summary>
internal sealed record ComparisonOptions(IReadOnlyList<Workload> Workloads, long? Events, bool Quick, int Rounds, string? Only, string? Svg)
{
    private const int DefaultRounds = 5;

    /// <returns>Null when the command line has a mistake, which <paramref name="problem"/> then tells.</returns>
    public static ComparisonOptions? Parse(string[] args, IReadOnlyList<Workload> catalog, out string? problem)
    {
        var chosen = new List<Workload>();
        long? events = null;
        var quick = false;
        int? rounds = null;
        string? only = null;
        string? svg = null;
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--quick":
                    quick = true;
                    break;
                case "--events" when TryCount(value, out var count):
                    events = count;
                    i++;
                    break;
                case "--rounds" when TryCount(value, out var count):
                    rounds = (int)count;
                    i++;
                    break;
                case "--only" when value is not null:
                    only = value;
                    i++;
                    break;
                case "--svg" when value is not null:
                    svg = value;
                    i++;
                    break;
                default:
                    var named = catalog.Where(each => IsNamed(each.Name, args[i])).ToList();
                    if (named.Count == 0)
                    {
                        problem = $"'{args[i]}' is not understood.\n{Usage(catalog)}";
                        return null;
                    }

                    chosen.AddRange(named);
                    break;
            }
        }

        problem = null;
        return new ComparisonOptions(chosen.Count > 0 ? chosen : catalog, events, quick, rounds ?? (quick ? 1 : DefaultRounds), only, svg);
    }

    /// <summary>A name means itself and what it begins: 'W3' is all of W3-1k, W3-100k and W3-10m.</summary>
    private static bool IsNamed(string workload, string argument) =>
        workload.Equals(argument, StringComparison.OrdinalIgnoreCase) || workload.StartsWith(argument + "-", StringComparison.OrdinalIgnoreCase);

    private static bool TryCount(string? text, out long count) =>
        long.TryParse(text?.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out count) && count > 0;

    private static string Usage(IReadOnlyList<Workload> catalog) => $"""
        usage: StreamKit.Comparison [{string.Join(' ', catalog.Select(static each => each.Name))}]
                                    [--events N] [--quick] [--rounds N] [--only IMPLEMENTATION] [--svg FILE]
          --events N   events per run, instead of each workload's own number
          --quick      a twentieth of the events, one round
          --rounds N   measured rounds after the warm-up; default {DefaultRounds}, with --quick 1
          --only NAME  only implementations whose name contains NAME, and the plain loop
          --svg FILE   draws the ratios as a chart
        """;
}
