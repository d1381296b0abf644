using System.Globalization;
using System.Text;

namespace StreamKit.Comparison;

/// <summary>Draws the ratios to the plain loop as horizontal bars, one group per workload. Logarithmic, because peers differ by factors.</summary>
internal static class Chart
{
    private const int Width = 860;
    private const int LabelWidth = 250;
    private const int BarHeight = 16;
    private const int GroupGap = 14;
    private const int Top = 64;
    private const double Least = 0.001;
    private const double Most = 10;

    public static string Draw(IReadOnlyList<ResultRow> rows)
    {
        var groups = rows.Where(static row => row.Implementation != Implementation.PlainLoop).GroupBy(static row => row.Workload).ToList();
        var height = Top + groups.Sum(static group => (group.Count() * BarHeight) + GroupGap) + 24;
        var svg = new StringBuilder();
        svg.Append(Invariant($"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{height}" viewBox="0 0 {Width} {height}" font-family="system-ui, sans-serif" font-size="12">
            <rect width="{Width}" height="{height}" fill="#ffffff"/>
            <text x="16" y="24" font-size="15" font-weight="600" fill="#1f2328">Events per second as a ratio to a hand-written loop (logarithmic; right of the line 1 is faster)</text>

            """));
        foreach (var tick in new[] { 0.001, 0.01, 0.1, 1, 10 })
        {
            svg.Append(Invariant($"""
                <line x1="{X(tick):F1}" y1="{Top - 8}" x2="{X(tick):F1}" y2="{height - 20}" stroke="{(tick == 1 ? "#1f2328" : "#d8dee4")}"/>
                <text x="{X(tick):F1}" y="{Top - 14}" text-anchor="middle" fill="#57606a">{tick}</text>

                """));
        }

        var y = Top;
        foreach (var group in groups)
        {
            foreach (var row in group)
            {
                Bar(svg, row, y);
                y += BarHeight;
            }

            y += GroupGap;
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Bar(StringBuilder svg, ResultRow row, int y)
    {
        var isOurs = row.Implementation.StartsWith("streamkit", StringComparison.Ordinal);
        var end = X(Math.Clamp(row.RatioToPlainLoop, Least, Most));
        svg.Append(Invariant($"""
            <text x="{LabelWidth - 8}" y="{y + 12}" text-anchor="end" fill="#1f2328"{(isOurs ? " font-weight=\"600\"" : "")}>{row.Workload} · {row.Implementation}</text>
            <rect x="{LabelWidth}" y="{y + 2}" width="{end - LabelWidth:F1}" height="{BarHeight - 4}" fill="{(isOurs ? "#1f6feb" : "#afb8c1")}"/>
            <text x="{end + 4:F1}" y="{y + 12}" fill="#57606a" stroke="#ffffff" stroke-width="3" paint-order="stroke">{row.RatioToPlainLoop:0.###}</text>

            """));
    }

    private static double X(double ratio) => LabelWidth + ((Width - LabelWidth - 60) * (Math.Log10(ratio) - Math.Log10(Least)) / (Math.Log10(Most) - Math.Log10(Least)));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
