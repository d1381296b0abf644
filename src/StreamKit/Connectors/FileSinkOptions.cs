using System.Text.Encodings.Web;
using System.Text.Json;

namespace StreamKit;

/// <summary>How files are written.</summary>
public sealed class FileSinkOptions
{
    /// <summary>A file is closed when it has grown to so many bytes; default 128 MiB. Every checkpoint closes it too, so a file holds at most what is written between two checkpoints.</summary>
    public long MaxFileSize { get; set; } = 128 * 1024 * 1024;

    /// <summary>A file is closed when it holds so many records; default: no limit.</summary>
    public long MaxRecordsPerFile { get; set; } = long.MaxValue;

    /// <summary>How many bytes a writer gathers before it writes them to its file; default 64 KiB.</summary>
    public int BufferSize { get; set; } = 64 * 1024;

    /// <summary>
    /// How a record becomes JSON. Default: the web settings of System.Text.Json (camelCase names), with only those characters escaped that JSON wants escaped. Indentation is left out whatever is set.
    /// Not used for CSV.
    /// </summary>
    public JsonSerializerOptions Json { get; set; } = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What is between two fields of CSV: any ASCII character but the quote and line ends; default a comma. Not used for JSON.</summary>
    public char Delimiter { get; set; } = ',';

    internal IEnumerable<string> Validate()
    {
        if (MaxFileSize < 1)
            yield return $"MaxFileSize is {MaxFileSize}, expected at least 1 byte.";
        if (MaxRecordsPerFile < 1)
            yield return $"MaxRecordsPerFile is {MaxRecordsPerFile}, expected at least 1.";
        if (BufferSize is < 1 or > 1024 * 1024 * 1024)
            yield return $"BufferSize is {BufferSize}, expected 1 byte to 1 GiB.";
        if (!char.IsAscii(Delimiter) || Delimiter is '"' or '\r' or '\n')
            yield return $"Delimiter is '{Delimiter}' (U+{(int)Delimiter:X4}), expected an ASCII character that is not the quote or a line end.";
    }
}
