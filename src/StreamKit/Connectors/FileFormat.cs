namespace StreamKit.Connectors;

/// <summary>How records are written in a file: what precedes them, where they end, what they mean. One object per source, used by all readers.</summary>
internal abstract class FileFormat<T>
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>True when a line end between quotes does not end the record.</summary>
    public abstract bool HasQuotes { get; }

    public abstract IEnumerable<string> Validate();

    /// <summary>Reads what precedes the records and leaves the window at the first of them.</summary>
    public abstract ValueTask<RecordParser<T>> OpenAsync(FileWindow window, CancellationToken cancellationToken);

    protected static async ValueTask SkipByteOrderMarkAsync(FileWindow window, CancellationToken cancellationToken)
    {
        while (window.End - window.Start < ByteOrderMark.Length && await window.LoadAsync(0, cancellationToken))
        {
        }

        if (window.Bytes.StartsWith(ByteOrderMark))
            window.Start += ByteOrderMark.Length;
    }
}
