using Microsoft.Win32.SafeHandles;

namespace StreamKit.Connectors;

/// <summary>The records of one or many files.</summary>
internal sealed class FileRecordSource<T>(string path, FileSourceOptions options, FileFormat<T> format) : Source<T>
{
    private readonly QuoteParity _parity = new();

    /// <summary>Whether the files are there is seen when the job first starts: one that has read them already does not need them any more.</summary>
    public override IEnumerable<string> Validate(SerializerRegistry serializers) => options.Validate().Concat(format.Validate());

    public override async ValueTask<IReadOnlyList<SourceSplit>> DiscoverSplitsAsync(SourceContext context, CancellationToken cancellationToken)
    {
        var splits = new List<SourceSplit>();
        foreach (string file in FilePaths.Find(path))
        {
            using SafeFileHandle handle = FileErrors.OpenForReading(file);
            long length = RandomAccess.GetLength(handle);
            string fingerprint = await FileFingerprint.OfAsync(handle, file, length, cancellationToken);
            // Counting quotes finds records only where quotes are as they should be.
            bool inOrder = format.HasQuotes && options.OnMalformed != MalformedLines.Fail;
            int stripes = inOrder ? 1 : FileSplit.StripesFor(length, options.ChunkSize, options.MaxSplitsPerFile);
            for (int stripe = 0; stripe < stripes; stripe++)
                splits.Add(new FileSplit(file, stripe, stripes, options.ChunkSize, length, fingerprint).ToSourceSplit());
        }

        return splits;
    }

    public override SplitReader<T> CreateReader(SourceSplit split, SourcePosition position, SourceContext context) =>
        new FileSplitReader<T>(path, FileSplit.From(split, context.Name), position.Offset, options, format, _parity);
}
