namespace StreamKit.Connectors;

/// <summary>Where a field's text is, without the quotes around it.</summary>
internal struct CsvField
{
    public int Start;
    public int Length;

    /// <summary>The field stood between quotes, so that it is not null even if it is empty.</summary>
    public bool IsQuoted;

    /// <summary>The text holds doubled quotes.</summary>
    public bool IsEscaped;
}
