using System.Globalization;

namespace StreamKit.Cli;

/// <summary>Figures for people.</summary>
internal static class Text
{
    private static readonly string[] s_units = ["B", "KB", "MB", "GB", "TB"];

    public static string Bytes(long bytes)
    {
        double size = bytes;
        var unit = 0;
        for (; size >= 1000 && unit < s_units.Length - 1; unit++)
            size /= 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{size:0.#} {s_units[unit]}");
    }

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Watermark(long watermark) => watermark switch
    {
        long.MinValue => "none",
        long.MaxValue => "end of input",
        < -62_135_596_800_000 or > 253_402_300_799_999 => watermark.ToString(CultureInfo.InvariantCulture),
        _ => Time(DateTimeOffset.FromUnixTimeMilliseconds(watermark)),
    };

    /// <summary>Lines in columns, as wide as their longest cell; numbers are the caller's to align.</summary>
    public static void Table(TextWriter output, IReadOnlyList<string[]> rows)
    {
        if (rows.Count == 0)
            return;
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
