using System.Globalization;

namespace StreamKit.Cli;

/// <summary>The words behind a command: places, options with a value (<c>--checkpoint 7</c> or <c>--checkpoint=7</c>), and switches.</summary>
internal sealed class Arguments
{
    private readonly List<string> _places = [];
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _switches = new(StringComparer.Ordinal);

    /// <exception cref="UsageException">An option is not one of the command's, or lacks its value.</exception>
    public Arguments(IEnumerable<string> words, IReadOnlyCollection<string> options, IReadOnlyCollection<string> switches)
    {
        using var rest = words.GetEnumerator();
        while (rest.MoveNext())
        {
            var word = rest.Current;
            if (!word.StartsWith("--", StringComparison.Ordinal))
            {
                _places.Add(word);
                continue;
            }

            var parts = word.Split('=', 2);
            if (switches.Contains(parts[0]) && parts.Length == 1)
                _switches.Add(parts[0]);
            else if (!options.Contains(parts[0]))
                throw new UsageException($"'{word}' is not an option of this command. It has: {string.Join(", ", options.Concat(switches).DefaultIfEmpty("none"))}.");
            else if (parts.Length == 2)
                _values[parts[0]] = parts[1];
            else
                _values[word] = rest.MoveNext() ? rest.Current : throw new UsageException($"'{word}' needs a value.");
        }
    }

    public bool Has(string name) => _switches.Contains(name);

    public string? Value(string option) => _values.GetValueOrDefault(option);

    /// <exception cref="UsageException">The value is not a whole number from 1 on.</exception>
    public long? Number(string option) => Value(option) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
        : throw new UsageException($"'{option} {text}': expected a whole number from 1 on.");

    /// <summary>The places, as many as the command wants.</summary>
    /// <exception cref="UsageException">There are more or fewer.</exception>
    public IReadOnlyList<string> Places(params string[] names) => _places.Count == names.Length
        ? _places
        : throw new UsageException($"Expected {string.Join(" and ", names)}, found {_places.Count} {(_places.Count == 1 ? "word" : "words")}{string.Concat(_places.Select(static place => $" '{place}'"))}.");
}
