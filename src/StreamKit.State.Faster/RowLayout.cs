using System.Buffers.Binary;

namespace StreamKit.State.Faster;

/// <summary>
/// How rows lie in FASTER. A row's key is the caller's and a byte of kind behind it, its value a byte of kind and the caller's. A long value is
/// cut into chunks with keys of their own: the caller's, the value's generation, the chunk's number, and the kind. A new long value has a new
/// generation, and its row is written behind its chunks: so a row never sees another's chunks.
/// </summary>
internal static class RowLayout
{
    public const byte RowKey = 0;
    public const byte ChunkKey = 1;

    public const byte Deleted = 0;
    public const byte Whole = 1;
    public const byte Chunked = 2;

    /// <summary>The kind, the generation and the length.</summary>
    public const int ChunkedRowBytes = 1 + sizeof(long) + sizeof(int);

    /// <summary>Generation, number and kind.</summary>
    public const int ChunkSuffixBytes = sizeof(long) + sizeof(int) + 1;

    // A record never straddles two pages: what is left of a page when the next record does not fit is lost. A quarter bounds that loss.
    private const int RecordsPerPage = 4;
    private const int RecordHeader = sizeof(long);

    /// <summary>The longest key.</summary>
    public static int MaximumKey(int pageBytes) => pageBytes / RecordsPerPage / 2;

    /// <summary>The longest part of a value in one record.</summary>
    public static int MaximumPart(int pageBytes) => pageBytes / RecordsPerPage / 2 - RecordHeader - 2 * (sizeof(int) + sizeof(long)) - ChunkSuffixBytes;

    /// <summary>What FASTER makes of a key and a value: a header, and both behind their lengths, rounded up.</summary>
    public static int RecordBytes(int key, int value) => RecordHeader + Aligned(sizeof(int) + key) + Aligned(sizeof(int) + value);

    public static int Chunks(int length, int part) => (length + part - 1) / part;

    public static void WriteChunkSuffix(Span<byte> suffix, long generation, int number)
    {
        BinaryPrimitives.WriteInt64LittleEndian(suffix, generation);
        BinaryPrimitives.WriteInt32LittleEndian(suffix[sizeof(long)..], number);
        suffix[^1] = ChunkKey;
    }

    public static void WriteChunkedRow(Span<byte> row, long generation, int length)
    {
        row[0] = Chunked;
        BinaryPrimitives.WriteInt64LittleEndian(row[1..], generation);
        BinaryPrimitives.WriteInt32LittleEndian(row[(1 + sizeof(long))..], length);
    }

    public static (long Generation, int Length) ReadChunkedRow(ReadOnlySpan<byte> row) =>
        (BinaryPrimitives.ReadInt64LittleEndian(row[1..]), BinaryPrimitives.ReadInt32LittleEndian(row[(1 + sizeof(long))..]));

    private static int Aligned(int bytes) => (bytes + 7) & ~7;
}
