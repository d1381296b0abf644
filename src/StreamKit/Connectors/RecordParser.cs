namespace StreamKit.Connectors;

/// <summary>What a parser found at the place where a record should begin.</summary>
internal enum RecordKind
{
    /// <summary>The bytes end before the record does.</summary>
    Incomplete,

    /// <summary>A record.</summary>
    Record,

    /// <summary>An empty line.</summary>
    Blank,

    /// <summary>Something that is no record; <see cref="RecordParser{T}.Error"/> says why.</summary>
    Malformed,
}

/// <summary>Finds and reads records in bytes. One object per reader, used by one call at a time.</summary>
internal abstract class RecordParser<T>
{
    /// <summary>What is wrong with a malformed record: a sentence.</summary>
    public string Error { get; private set; } = "";

    /// <summary>Where in the bytes it is wrong.</summary>
    public int ErrorAt { get; private set; }

    /// <summary>The end of the bytes that decided that it is malformed: these too are limited in number, or else the size of the buffer could decide.</summary>
    public int Extent { get; private set; }

    /// <summary>The exception behind it, if any.</summary>
    public Exception? Cause { get; private set; }

    /// <summary>Reads the record that begins at <paramref name="start"/>.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <param name="start">Where the record begins.</param>
    /// <param name="end">The end of the valid bytes.</param>
    /// <param name="isLast">True when the file ends there.</param>
    /// <param name="next">Where to go on: behind the record, or behind the line on which a malformed one begins. Not set when incomplete.</param>
    /// <param name="value">The record.</param>
    public abstract RecordKind Parse(byte[] buffer, int start, int end, bool isLast, out int next, out T value);

    /// <param name="extent">The end of the bytes that were looked at to see it.</param>
    /// <param name="errorAt">Where the mistake is.</param>
    /// <param name="error">What it is.</param>
    /// <param name="cause">The exception behind it.</param>
    protected RecordKind Malformed(int extent, int errorAt, string error, Exception? cause = null)
    {
        Extent = extent;
        ErrorAt = errorAt;
        Error = error.EndsWith('.') ? error : error + ".";
        Cause = cause;
        return RecordKind.Malformed;
    }

    /// <summary>What constructors and converters throw about bad values, as against mistakes of the program.</summary>
    protected static bool IsAboutTheValue(Exception exception) => exception is ArgumentException or FormatException or OverflowException or System.Text.Json.JsonException;
}
