using Microsoft.Win32.SafeHandles;

namespace StreamKit.Connectors;

/// <summary>The records of one or many files.</summary>
internal sealed class FileRecordSource<T>(string path, FileSourceOptions options, FileFormat<T> format) : Source<T>
{
    private readonly QuoteParity _parity = new();

    /// <summary>Counting quotes finds the records of a stripe only where quotes are as they should be.</summary>
    private bool MustBeInOrder => format.HasQuotes && options.OnMalformed != MalformedLines.Fail;

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
            int stripes = MustBeInOrder ? 1 : FileSplit.StripesFor(length, options.ChunkSize, options.MaxSplitsPerFile);
            for (int stripe = 0; stripe < stripes; stripe++)
                splits.Add(new FileSplit(file, stripe, stripes, options.ChunkSize, length, fingerprint).ToSourceSplit());
        }

        return splits;
    }

    public override SplitReader<T> CreateReader(SourceSplit split, SourcePosition position, SourceContext context)
    {
        var part = FileSplit.From(split, context.Name);
        if (part.Stripes > 1 && MustBeInOrder)
        {
            throw new StreamKitException(
                $"Source '{context.Name}': the job first started with {nameof(FileSourceOptions.OnMalformed)} = {nameof(MalformedLines.Fail)} and reads '{part.Path}' in {part.Stripes} splits. With {options.OnMalformed} it would lose records without a word: "
                + $"one stray quote, and the other splits take the inside of fields for records. Set {nameof(FileSourceOptions.OnMalformed)} to {nameof(MalformedLines.Fail)} again and mend the line in its place, with as many bytes as it has, or start the job anew.")
            {
                IsPermanent = true,
            };
        }

        return new FileSplitReader<T>(path, part, position.Offset, options, format, _parity);
    }
}
