namespace StreamKit;

/// <summary>What is common to the file sources, whatever the format.</summary>
public class FileSourceOptions
{
    /// <summary>
    /// How many bytes of a file a split reads before it skips to its next part. Large files are cut into chunks of this size, and split i of n reads the chunks i, i + n, i + 2n, … :
    /// all splits advance through the file together, so none makes records late. Default 4 MiB. Fixed by the first run of a job.
    /// </summary>
    public int ChunkSize { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// The most splits for one file. A file shorter than two chunks is one split, a longer one has a split per chunk up to this number; default 8. Set 1 to read every file from one end to the other.
    /// A CSV file whose malformed lines are tolerated is always one split.
    /// </summary>
    public int MaxSplitsPerFile { get; set; } = 8;

    /// <summary>The longest record in bytes, with its line end; default 1 MiB. A longer one is malformed: without a limit, one missing line end would read a whole file into memory.</summary>
    public int MaxLineLength { get; set; } = 1024 * 1024;

    /// <summary>How many bytes are read at once; default 256 KiB. Every open split has a buffer of this size.</summary>
    public int BufferSize { get; set; } = 256 * 1024;

    /// <summary>What happens to a line that cannot be read; default <see cref="MalformedLines.Fail"/>.</summary>
    public MalformedLines OnMalformed { get; set; } = MalformedLines.Fail;

    internal virtual IEnumerable<string> Validate()
    {
        if (ChunkSize < 1)
            yield return $"ChunkSize is {ChunkSize}, expected at least 1 byte; leave it at 4 MiB unless splits should be finer.";
        if (MaxSplitsPerFile is < 1 or > 1024)
            yield return $"MaxSplitsPerFile is {MaxSplitsPerFile}, expected 1 to 1024.";
        if (MaxLineLength is < 1 or > 1024 * 1024 * 1024)
            yield return $"MaxLineLength is {MaxLineLength}, expected 1 byte to 1 GiB.";
        if (BufferSize is < 16 or > 1024 * 1024 * 1024)
            yield return $"BufferSize is {BufferSize}, expected 16 bytes to 1 GiB.";
        if (!Enum.IsDefined(OnMalformed))
            yield return $"OnMalformed is {OnMalformed}, expected {nameof(MalformedLines.Fail)} or {nameof(MalformedLines.ToSideOutput)}.";
    }
}

/// <summary>What a file source does with a line that cannot be read.</summary>
public enum MalformedLines
{
    /// <summary>The job fails with a <see cref="MalformedInputException"/> that names file, line and column.</summary>
    Fail,

    /// <summary>The line goes to the side output <see cref="FileSource.Malformed"/> of the source, and reading goes on with the next line. Where quotes of CSV are wrong, that is the line after the one on which the record begins.</summary>
    ToSideOutput,
}
