using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace StreamKit.State;

/// <summary>Names a block for ever: segments never change.</summary>
/// <param name="Segment">A digest of where the segment is and of its checksum.</param>
/// <param name="Block">The number of the block in it.</param>
internal readonly record struct BlockKey(UInt128 Segment, int Block)
{
    /// <summary>The digest of a segment.</summary>
    /// <param name="objectName">The object that it is in.</param>
    /// <param name="offset">Where it begins there.</param>
    /// <param name="info">What it says of itself.</param>
    public static UInt128 DigestOf(string objectName, long offset, SegmentInfo info)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(null, $"{objectName}\n{offset}\n{info.Length}\n{info.Checksum}")), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
