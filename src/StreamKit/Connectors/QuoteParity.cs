using System.Buffers;
using System.Collections.Concurrent;

namespace StreamKit.Connectors;

/// <summary>
/// Whether the number of quotes in each chunk of a file is odd, as far as any reader has counted. A line end ends a CSV record exactly when the quotes before it are even,
/// so a reader that skips chunks needs to know this of each; readers of one file tell each other, and whoever needs a chunk first counts it.
/// Derived from the files, shared by the readers of a source, safe for concurrent use.
/// </summary>
internal sealed class QuoteParity
{
    private const byte Quote = (byte)'"';
    private const byte Even = 1;
    private const byte Odd = 2;

    private readonly ConcurrentDictionary<(string Path, long Length, int ChunkSize), byte[]> _files = new();

    public static bool IsOdd(ReadOnlySpan<byte> bytes) => (bytes.Count(Quote) & 1) != 0;

    public void Publish(FileSplit split, long chunkStart, bool odd) =>
        Volatile.Write(ref ChunksOf(split)[chunkStart / split.ChunkSize], odd ? Odd : Even);

    /// <summary>Whether the quotes from <paramref name="from"/> to <paramref name="to"/>, the beginning of a chunk, are odd.</summary>
    public async ValueTask<bool> IsOddAsync(FileSplit split, FileWindow window, long from, long to, CancellationToken cancellationToken)
    {
        byte[] chunks = ChunksOf(split);
        long chunkStart = from / split.ChunkSize * split.ChunkSize;

        // The first chunk is often one that is known, of which only the first bytes are not wanted.
        bool odd = await CountAsync(window, chunkStart, from, cancellationToken);
        for (; chunkStart < to; chunkStart += split.ChunkSize)
        {
            byte known = Volatile.Read(ref chunks[chunkStart / split.ChunkSize]);
            bool chunkIsOdd = known == 0 ? await CountAsync(window, chunkStart, chunkStart + split.ChunkSize, cancellationToken) : known == Odd;
            if (known == 0)
                Publish(split, chunkStart, chunkIsOdd);
            odd ^= chunkIsOdd;
        }

        return odd;
    }

    private static async ValueTask<bool> CountAsync(FileWindow window, long from, long to, CancellationToken cancellationToken)
    {
        if (window.Holds(from, to))
            return IsOdd(window.Slice(from, to));
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(to - from, 256 * 1024));
        bool odd = false;
        while (from < to)
        {
            int count = (int)Math.Min(to - from, buffer.Length);
            int read = await FileErrors.ReadAsync(window.File, window.Path, buffer.AsMemory(0, count), from, cancellationToken);
            odd ^= IsOdd(buffer.AsSpan(0, read));
            from += read;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return odd;
    }

    private byte[] ChunksOf(FileSplit split) =>
        _files.GetOrAdd((split.Path, split.Length, split.ChunkSize), static key => new byte[((key.Length + key.ChunkSize - 1) / key.ChunkSize) + 1]);
}
