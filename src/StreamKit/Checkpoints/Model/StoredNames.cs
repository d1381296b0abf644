using System.Globalization;

namespace StreamKit.Checkpoints;

/// <summary>How the engine names what it stores. The claim in a file's name tells a later runner whether it may sweep it.</summary>
internal static class StoredNames
{
    public const string LogPrefix = "log/";
    public const string DataPrefix = "data/";

    /// <summary>Enough for every positive long, so that ordinal order is numeric order.</summary>
    private const string NumberFormat = "D20";

    public static string LogEntry(long number) => LogPrefix + number.ToString(NumberFormat, CultureInfo.InvariantCulture);

    /// <summary>The number of a log entry; null for something else under the prefix.</summary>
    public static long? LogEntryNumber(string name) => Number(name, LogPrefix, out ReadOnlySpan<char> rest) is { } number && rest.IsEmpty ? number : null;

    /// <summary>
    /// A file of segments. Unique as long as a claim, a checkpoint id and <paramref name="part"/> are used once: pass something like
    /// <c>operator index-subtask</c>.
    /// </summary>
    public static string Data(long claim, long checkpointId, string part) =>
        string.Create(CultureInfo.InvariantCulture, $"{DataPrefix}{claim:D20}/{checkpointId:D10}-{part}");

    /// <summary>The claim under which a file was written; null for something else under the prefix.</summary>
    public static long? DataClaim(string name) =>
        Number(name, DataPrefix, out ReadOnlySpan<char> rest) is { } claim && rest.Length > 1 && rest[0] == '/' ? claim : null;

    private static long? Number(string name, string prefix, out ReadOnlySpan<char> rest)
    {
        rest = default;
        if (!name.StartsWith(prefix, StringComparison.Ordinal) || name.Length < prefix.Length + 20)
        {
            return null;
        }

        rest = name.AsSpan(prefix.Length + 20);
        return long.TryParse(name.AsSpan(prefix.Length, 20), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
    }
}
