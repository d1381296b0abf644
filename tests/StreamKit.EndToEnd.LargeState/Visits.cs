using System.Globalization;

/// <summary>The state of a key, and its line.</summary>
internal sealed record Visits(long Key, int Count, long Sum, string Text)
{
    public static string TextOf(long key) => new string('x', 150) + key.ToString(CultureInfo.InvariantCulture);
}
