using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace StreamKit.Connectors;

/// <summary>
/// One stripe of a file. The file is cut into chunks; stripe i of n owns the chunks i, i + n, i + 2n, … and a record belongs to the chunk in which it begins.
/// Because every stripe passes through the whole file, none is ahead of the others in event time by more than a round of chunks.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Stripe">Which stripe, from 0.</param>
/// <param name="Stripes">Of how many.</param>
/// <param name="ChunkSize">The size of a chunk in bytes.</param>
/// <param name="Length">The length of the file when it was found; bytes behind it are not read.</param>
/// <param name="Fingerprint">Of the file's beginning and end, to notice that it has been replaced.</param>
internal sealed record FileSplit(string Path, int Stripe, int Stripes, int ChunkSize, long Length, string Fingerprint)
{
    /// <summary>The file's length only, not the parallelism, decides in how many stripes it is read.</summary>
    public static int StripesFor(long length, int chunkSize, int most)
    {
        long chunks = (length + chunkSize - 1) / chunkSize;
        return chunks <= 2 && length < 2L * chunkSize ? 1 : (int)Math.Min(chunks, most);
    }

    /// <summary>True when a record that begins at <paramref name="offset"/> belongs to this stripe.</summary>
    public bool Owns(long offset) => Stripes == 1 || offset / ChunkSize % Stripes == Stripe;

    /// <summary>The end of the chunk that holds <paramref name="offset"/>.</summary>
    public long ChunkEnd(long offset) => Stripes == 1 ? Length : Math.Min(Length, ((offset / ChunkSize) + 1) * ChunkSize);

    /// <summary>The beginning of the first chunk of this stripe behind the chunk that holds <paramref name="offset"/>; may be behind the file's end.</summary>
    public long NextChunk(long offset)
    {
        if (Stripes == 1)
            return Length;
        long chunk = (offset / ChunkSize) + 1;
        long ahead = (Stripe - (chunk % Stripes) + Stripes) % Stripes;
        return (chunk + ahead) * ChunkSize;
    }

    /// <summary>
    /// This split where the source's path leads now. The path may be another one than in the run that found the file: then the file must have been moved there as it was,
    /// a single one perhaps renamed. Going on in the old place would read what nobody asks for any more.
    /// </summary>
    /// <exception cref="InputChangedException">The path leads to another file, or to none.</exception>
    /// <exception cref="StreamKitException">Where it leads cannot be told now.</exception>
    public async ValueTask<FileSplit> LocateAsync(string source, CancellationToken cancellationToken)
    {
        if (FilePaths.StandsFor(source, Path))
            return this;
        IReadOnlyList<string> files = FilePaths.Search(source, out string whyNone);
        string name = System.IO.Path.GetFileName(Path);
        string? change = whyNone;
        if (files.FirstOrDefault(file => files.Count == 1 || System.IO.Path.GetFileName(file) == name) is { } moved)
        {
            FileSplit there = this with { Path = moved };
            using SafeFileHandle file = FileErrors.OpenForReading(moved);
            change = await there.ChangeOfAsync(file, cancellationToken);
            if (change is null)
                return there;
            change = $"'{moved}' is another one: {change}.";
        }

        throw new InputChangedException($"The checkpoint goes on in the file '{Path}', but the source is given '{source}' now, where that file is not. {change} Give it the old path to go on there, or start the job anew to read the other one.");
    }

    /// <summary>How a file differs from the one that was found; null when it does not.</summary>
    public async ValueTask<string?> ChangeOfAsync(SafeFileHandle file, CancellationToken cancellationToken)
    {
        long length = RandomAccess.GetLength(file);
        if (length < Length)
            return $"it has {length} bytes, and had {Length}";
        return await FileFingerprint.OfAsync(file, Path, Length, cancellationToken) == Fingerprint ? null : "its first or last bytes are others";
    }

    public SourceSplit ToSourceSplit()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("path", Path);
            json.WriteNumber("stripe", Stripe);
            json.WriteNumber("stripes", Stripes);
            json.WriteNumber("chunkSize", ChunkSize);
            json.WriteNumber("length", Length);
            json.WriteString("fingerprint", Fingerprint);
            json.WriteEndObject();
        }

        return new SourceSplit(string.Create(CultureInfo.InvariantCulture, $"{Path}#{Stripe:D4}"), Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    public static FileSplit From(SourceSplit split, string source)
    {
        try
        {
            using var json = JsonDocument.Parse(split.Data ?? "");
            JsonElement root = json.RootElement;
            return new FileSplit(
                root.GetProperty("path").GetString()!, // the next line refuses null
                root.GetProperty("stripe").GetInt32(),
                root.GetProperty("stripes").GetInt32(),
                root.GetProperty("chunkSize").GetInt32(),
                root.GetProperty("length").GetInt64(),
                root.GetProperty("fingerprint").GetString() ?? "") is { Path: not null, Stripes: > 0, ChunkSize: > 0 } found
                ? found
                : throw new FormatException("A path and positive numbers are expected.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new StreamKitException($"The split '{split.Id}' of source '{source}' carries '{split.Data}', which does not describe a part of a file. The checkpoint is from another kind of source: give the changed source another name.", e);
        }
    }
}
