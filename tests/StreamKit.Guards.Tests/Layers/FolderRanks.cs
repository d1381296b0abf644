namespace StreamKit.Guards.Tests;

/// <summary>The house of the core: which folder may use which. CONTRIBUTING.md shows the same table.</summary>
internal static class FolderRanks
{
    /// <summary>Files directly in src/StreamKit: the builder, the streams, the job.</summary>
    public const string Root = "";

    private const int Slices = 8;

    private static readonly Dictionary<string, int> _ranks = new(StringComparer.Ordinal)
    {
        ["Elements"] = 0,
        ["Diagnostics"] = 0,
        ["Serialization"] = 1,
        ["Time"] = 1,
        ["State"] = 2,
        ["Operators"] = 3,
        ["Checkpoints"] = 3,
        ["Graph"] = 4,
        ["Planning"] = 5,
        ["Runtime"] = 6,
        [Root] = 7,
        ["Windowing"] = Slices,
        ["Joins"] = Slices,
        ["Patterns"] = Slices,
        ["AsyncIO"] = Slices,
        ["Connectors"] = Slices,
        ["StateProcessing"] = Slices,
    };

    public static bool IsKnown(string folder) => _ranks.ContainsKey(folder);

    /// <summary>Why <paramref name="from"/> may not use <paramref name="to"/>; null if it may.</summary>
    public static string? Objection(string from, string to)
    {
        if (from == to)
        {
            return null;
        }

        var (own, other) = (_ranks[from], _ranks[to]);
        if (own == Slices && to is "Planning" or "Runtime")
        {
            return $"a slice never touches {to}";
        }

        return other > own ? $"rank {own} may not use rank {other}"
            : other == own ? $"both have rank {own}, and folders of one rank do not use each other"
            : null;
    }

    public static string Display(string folder) => folder == Root ? "the root folder" : $"'{folder}'";
}
