using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace StreamKit.State;

/// <summary>
/// A file of a <see cref="DiskBlockCache"/>: blocks one behind the other, each behind a header with its key, its length and the header's checksum. A file
/// counts as far as its headers are whole; whether a block is, its reader finds out. A cache of this machine, and no format to be kept.
/// </summary>
internal sealed class DiskChunk : IDisposable
{
    // Magic, segment, block, length, checksum.
    private const int HeaderLength = 4 + 16 + 4 + 4 + 4;
    private const uint Magic = 0x4B4C_4253; // "SBLK"

    private readonly SafeFileHandle _file;
    private readonly string _path;

    private DiskChunk(SafeFileHandle file, string path, long number)
    {
        _file = file;
        _path = path;
        Number = number;
    }

    /// <summary>The place among all chunks, in the order of age.</summary>
    public long Number { get; }

    /// <summary>The bytes written or reserved.</summary>
    public long Length { get; private set; }

    public bool IsDeleted { get; private set; }

    /// <summary>What a block takes.</summary>
    public static long LengthOf(int block) => HeaderLength + (long)block;

    public static DiskChunk Create(string path, long number) => new(Open(path, FileMode.Create), path, number);

    /// <summary>Opens what a process left.</summary>
    /// <param name="path">The file.</param>
    /// <param name="found">Told each block: key, offset, length, chunk.</param>
    public static DiskChunk Load(string path, Action<BlockKey, long, int, DiskChunk> found)
    {
        long number = long.Parse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture);
        var chunk = new DiskChunk(Open(path, FileMode.Open), path, number);
        long end = RandomAccess.GetLength(chunk._file);
        Span<byte> header = stackalloc byte[HeaderLength];
        while (chunk.Length + HeaderLength <= end && RandomAccess.Read(chunk._file, header, chunk.Length) == HeaderLength && TryRead(header, out BlockKey key, out int length))
        {
            found(key, chunk.Length + HeaderLength, length, chunk);
            chunk.Length += LengthOf(length);
        }

        return chunk;
    }

    /// <summary>Makes room at the end for a block with its header; returns where the block goes. Under the cache's lock.</summary>
    public long Reserve(long length)
    {
        long offset = Length + HeaderLength;
        Length += length;
        return offset;
    }

    public void Write(BlockKey key, long offset, ReadOnlySpan<byte> block)
    {
        byte[] bytes = new byte[HeaderLength + block.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(4), key.Segment);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), key.Block);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), block.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(28), SegmentFormat.Crc32C(bytes.AsSpan(0, 28)));
        block.CopyTo(bytes.AsSpan(HeaderLength));
        RandomAccess.Write(_file, bytes, offset - HeaderLength);
    }

    /// <summary>False when the file has no such bytes any more.</summary>
    public bool TryRead(long offset, Span<byte> into)
    {
        try
        {
            for (int read = 0; read < into.Length;)
            {
                int count = RandomAccess.Read(_file, into[read..], offset + read);
                if (count == 0)
                {
                    return false;
                }

                read += count;
            }

            return true;
        }
        catch (Exception cause) when (cause is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    public void Delete()
    {
        IsDeleted = true;
        _file.Dispose();
        File.Delete(_path);
    }

    public void Dispose() => _file.Dispose();

    private static SafeFileHandle Open(string path, FileMode mode) => File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);

    private static bool TryRead(ReadOnlySpan<byte> header, out BlockKey key, out int length)
    {
        key = new BlockKey(BinaryPrimitives.ReadUInt128LittleEndian(header[4..]), BinaryPrimitives.ReadInt32LittleEndian(header[20..]));
        length = BinaryPrimitives.ReadInt32LittleEndian(header[24..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(header) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(header[28..]) == SegmentFormat.Crc32C(header[..28])
            && length >= 0;
    }
}
