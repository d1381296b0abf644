using System.Collections.Concurrent;

namespace StreamKit.Connectors;

/// <summary>CSV by RFC 4180: a header, fields between delimiters, quotes around fields that hold delimiters, quotes or line ends.</summary>
internal sealed class CsvFormat<T>(CsvOptions options) : FileFormat<T>
{
    /// <summary>One mapping per header: compiling it takes milliseconds, and the files of a folder mostly have the same.</summary>
    private readonly ConcurrentDictionary<string, CsvMapping<T>> _mappings = new();

    public override bool HasQuotes => true;

    public override IEnumerable<string> Validate() => CsvMapping<T>.Validate(options);

    public override async ValueTask<RecordParser<T>> OpenAsync(FileWindow window, CancellationToken cancellationToken)
    {
        await SkipByteOrderMarkAsync(window, cancellationToken);
        string[] columns = options.HasHeader ? await ReadHeaderAsync(window, cancellationToken) : [.. CsvMapping<T>.ColumnsWithoutHeader(options)];
        CsvMapping<T> mapping = columns.Length == 0
            ? CsvMapping<T>.Empty
            : _mappings.GetOrAdd(string.Join('\n', columns), static (_, of) => CsvMapping<T>.Of(of.columns, of.options, of.Path), (columns, options, window.Path));
        return new CsvParser<T>(mapping, (byte)options.Delimiter);
    }

    /// <summary>The names in the first record; none when the file is empty.</summary>
    private async ValueTask<string[]> ReadHeaderAsync(FileWindow window, CancellationToken cancellationToken)
    {
        var row = new CsvRow(0);
        while (true)
        {
            RecordKind kind = CsvTokenizer.Read(row, window.Buffer, window.Start, window.End, window.ReachesEnd, (byte)options.Delimiter, out int next, out int errorAt, out string error);
            switch (kind)
            {
                case RecordKind.Blank when next == window.End && window.ReachesEnd:
                    window.Start = next;
                    return [];
                case RecordKind.Blank:
                    window.Start = next;
                    break;
                case RecordKind.Record:
                    var names = new string[row.Count];
                    for (int i = 0; i < names.Length; i++)
                        names[i] = row.Text(i).Trim();
                    window.Start = next;
                    return names;
                case RecordKind.Malformed:
                    (long line, long column) = await new FileLines(window).PlaceOfAsync(window.Offset + errorAt - window.Start, cancellationToken);
                    throw new MalformedInputException(new MalformedLine(window.Path, line, column, ExcerptOf(window), "The header cannot be read: " + error));
                default:
                    if (window.End - window.Start > options.MaxLineLength)
                        throw new MalformedInputException(new MalformedLine(window.Path, 1, 1, ExcerptOf(window), $"The header is longer than {options.MaxLineLength} bytes; see {nameof(FileSourceOptions.MaxLineLength)}."));
                    await window.LoadAsync(0, cancellationToken);
                    break;
            }
        }
    }

    private static string ExcerptOf(FileWindow window) => System.Text.Encoding.UTF8.GetString(window.Bytes[..Math.Min(1024, window.Bytes.Length)]);
}
