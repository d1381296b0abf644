namespace StreamKit;

/// <summary>How a CSV file is read.</summary>
public sealed class CsvOptions : FileSourceOptions
{
    /// <summary>What is between two fields: any ASCII character but the quote and line ends; default a comma.</summary>
    public char Delimiter { get; set; } = ',';

    /// <summary>True (the default) when the first line of every file holds the names of the columns.</summary>
    public bool HasHeader { get; set; } = true;

    /// <summary>
    /// The names of the columns of a file without a header, in order. Default: the parameters of the constructor, or else the settable properties, in the order of their declaration.
    /// Ignored when there is a header.
    /// </summary>
    public IReadOnlyList<string>? Columns { get; set; }

    /// <summary>The column of a member (constructor parameter or property) that is named otherwise, by the member's name; case does not matter. Default: none.</summary>
    public IDictionary<string, string> ColumnNames { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    internal override IEnumerable<string> Validate()
    {
        foreach (string problem in base.Validate())
            yield return problem;
        if (!char.IsAscii(Delimiter) || Delimiter is '"' or '\r' or '\n')
            yield return $"Delimiter is '{Delimiter}' (U+{(int)Delimiter:X4}), expected an ASCII character that is not the quote or a line end.";
    }
}
