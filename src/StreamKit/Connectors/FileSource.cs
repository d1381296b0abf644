using StreamKit.Connectors;

namespace StreamKit;

/// <summary>
/// Sources that read files. A path is a file, a folder (all its files, not those in folders below), or a pattern in the last part of the path, with * and ?
/// (<c>logs/2024-*.csv</c>). In folders and patterns, files whose names begin with '.' or '_' are left out: they are somebody's work in progress.
/// </summary>
/// <remarks>
/// Which files there are, and how long they are, is settled when the job first starts; what is added later is not read. The files must stay as they are while the job needs them:
/// a file that has become shorter, or has another beginning or end, is an error (<see cref="InputChangedException"/>), and so is another path, unless the files were moved there. Text is UTF-8, with or without a byte order mark; lines end in LF or CRLF.
/// </remarks>
public static class FileSource
{
    /// <summary>The side output of lines that could not be read, with <see cref="MalformedLines.ToSideOutput"/>.</summary>
    public static OutputTag<MalformedLine> Malformed { get; } = new("malformed");

    /// <summary>
    /// Reads CSV (RFC 4180). The columns of the header are matched to the constructor's parameters and the settable properties of <typeparamref name="T"/> by name, ignoring case.
    /// Columns that no member is named after are ignored; a member without a column is an error, unless it is an optional parameter or a property that is not required.
    /// </summary>
    /// <typeparam name="T">A record, class or struct.</typeparam>
    /// <param name="path">A file, folder or pattern; see <see cref="FileSource"/>.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    /// <returns>A bounded, replayable source.</returns>
    /// <remarks>
    /// Members may be numbers, <see cref="bool"/> (true, false, 1, 0), <see cref="char"/>, strings, enums (by name or number), <see cref="Guid"/>, dates and times (ISO-8601; without an offset they are UTC),
    /// every type that implements <see cref="IUtf8SpanParsable{TSelf}"/> or <see cref="ISpanParsable{TSelf}"/>, and nullables of these. The culture is invariant.
    /// An empty field is null for a nullable member and empty for a string that is not nullable; a quoted empty field is always the empty string. Anything else that is empty is malformed,
    /// and so is a line with more or fewer fields than the header. Empty lines are skipped.
    /// </remarks>
    public static Source<T> Csv<T>(string path, Action<CsvOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var options = new CsvOptions();
        configure?.Invoke(options);
        return new FileRecordSource<T>(path, options, new CsvFormat<T>(options));
    }

    /// <summary>Reads JSON lines: one JSON value per line, through System.Text.Json. Blank lines are skipped; a line that is <c>null</c> is malformed.</summary>
    /// <typeparam name="T">The record type.</typeparam>
    /// <param name="path">A file, folder or pattern; see <see cref="FileSource"/>.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    /// <returns>A bounded, replayable source.</returns>
    public static Source<T> JsonLines<T>(string path, Action<JsonLinesOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var options = new JsonLinesOptions();
        configure?.Invoke(options);
        return new FileRecordSource<T>(path, options, new JsonLinesFormat<T>(options));
    }
}
