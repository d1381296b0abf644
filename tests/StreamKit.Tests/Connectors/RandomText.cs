using System.Text;

namespace StreamKit.Tests.Connectors;

internal sealed record Row(long Id, string Name, decimal? Amount);

/// <summary>Makes CSV and JSON files of rows with awkward texts, from a seed.</summary>
internal sealed class RandomText(int seed)
{
    private static readonly string[] s_pieces = ["a", "\"", "\n", "\r\n", ",", "ö", "𝄞", " ", "xyz", "\"\"", "'", ";", "0123456789012345678901234567890123456789"];

    private readonly Random _random = new(seed);

    public List<Row> Rows(int count) => [.. Enumerable.Range(0, count).Select(i => new Row(i, Text(), _random.Next(3) == 0 ? null : _random.Next(100_000) / 100m))];

    public string Csv(IEnumerable<Row> rows)
    {
        string newLine = _random.Next(2) == 0 ? "\n" : "\r\n";
        var text = new StringBuilder(_random.Next(4) == 0 ? "\uFEFF" : "");
        text.Append(_random.Next(3) == 0 ? "id,\"na\"\"me\",\"amo\nunt\"" : "id,name,amount").Append(newLine);
        foreach (Row row in rows)
        {
            if (_random.Next(10) == 0)
                text.Append(newLine);
            text.Append(row.Id).Append(',').Append(Field(row.Name)).Append(',').Append(row.Amount).Append(newLine);
        }

        // The last line may end with the file.
        if (_random.Next(2) == 0)
            text.Length -= newLine.Length;
        return text.ToString();
    }

    public string Json(IEnumerable<Row> rows)
    {
        string newLine = _random.Next(2) == 0 ? "\n" : "\r\n";
        var text = new StringBuilder(_random.Next(4) == 0 ? "\uFEFF" : "");
        foreach (Row row in rows)
        {
            if (_random.Next(10) == 0)
                text.Append("  ").Append(newLine);
            text.Append(System.Text.Json.JsonSerializer.Serialize(row, System.Text.Json.JsonSerializerOptions.Web)).Append(newLine);
        }

        if (_random.Next(2) == 0 && text.Length > newLine.Length)
            text.Length -= newLine.Length;
        return text.ToString();
    }

    private string Text() => string.Concat(Enumerable.Range(0, _random.Next(6)).Select(_ => s_pieces[_random.Next(s_pieces.Length)]));

    private string Field(string text) =>
        text.Length == 0 || _random.Next(4) == 0 || text.AsSpan().IndexOfAny("\",\r\n") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
