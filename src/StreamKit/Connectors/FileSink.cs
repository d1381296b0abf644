using StreamKit.Connectors;

namespace StreamKit;

/// <summary>
/// Sinks that write files, exactly once. Rows go to files whose names begin with '.', which get their final names after the checkpoint that covers them:
/// <c>part-{sink}-{job}-{claim}-{subtask}-{number}.jsonl</c>, with the first digits of the job's id. Whoever reads the folder and leaves out names that begin with '.' or '_' sees every row once, in whole lines.
/// </summary>
/// <remarks>
/// Without a checkpoint store rows become visible when the job ends or is stopped, and a killed process leaves files in progress behind that no later one removes.
/// Several jobs and sinks may write into one folder.
/// </remarks>
public static class FileSink
{
    /// <summary>Writes JSON lines: one value per line, through System.Text.Json.</summary>
    /// <typeparam name="T">The record type.</typeparam>
    /// <param name="directory">The folder; created when it is missing.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    /// <returns>A sink that writes every record exactly once.</returns>
    public static Sink<T> JsonLines<T>(string directory, Action<FileSinkOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        var options = new FileSinkOptions();
        configure?.Invoke(options);
        return new FileRowSink<T>(directory, options, new JsonRows<T>(options));
    }

    /// <summary>
    /// Writes CSV (RFC 4180) with a header in every file: a column for each public property and field of <typeparamref name="T"/>, named after it in camel case.
    /// Null is an empty field, the empty string a quoted one, times are ISO-8601, and <see cref="FileSource.Csv"/> reads all of it back.
    /// </summary>
    /// <typeparam name="T">The record type; its members must be numbers, texts, times, enums, or other types that format themselves.</typeparam>
    /// <param name="directory">The folder; created when it is missing.</param>
    /// <param name="configure">Changes the options; null for the defaults.</param>
    /// <returns>A sink that writes every record exactly once.</returns>
    public static Sink<T> Csv<T>(string directory, Action<FileSinkOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        var options = new FileSinkOptions();
        configure?.Invoke(options);
        return new FileRowSink<T>(directory, options, new CsvRows<T>(options));
    }
}
