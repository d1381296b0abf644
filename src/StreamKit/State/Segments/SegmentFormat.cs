using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace StreamKit.State;

/// <summary>
/// The layout of a segment, format version 0. All numbers are little endian; a varint has seven bits per byte, the lowest first.
/// </summary>
/// <remarks>
/// <code>
/// segment = block* filters index footer
/// block   = row*                       about 16 KB; a row never crosses blocks
/// row     = varint key group, varint state id, varint length + key, varint length + sub-key,
///           varint (0: tombstone, else length of the value + 1) + value
/// filters = one bloom filter per block, one behind the other
/// index   = per block: varint length, varint rows, byte compression (0: none), uint32 CRC-32C of the block,
///           varint length of its filter, and the first row up to and with its sub-key
/// footer  = 84 bytes, see SegmentFooter
/// </code>
/// Every byte belongs to one part, and every part has a checksum in another one, up to the footer's own.
/// </remarks>
internal static class SegmentFormat
{
    public const byte Version = 0;

    /// <summary>
    /// What is read for one key: at 200 MB/s, 64 KB would be 3,000 keys in a second, and 16 KB are 12,000. Whoever reads much reads many blocks with one request. The index
    /// grows as blocks shrink: to some 2.5 MB per GB.
    /// </summary>
    public const int TargetBlockLength = 16 * 1024;

    /// <summary>What an array can hold.</summary>
    public const int MaxPartLength = 0x7FFF_FFC7;

    public const byte NoCompression = 0;

    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (byte rest in bytes[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, rest);
        }

        return ~crc;
    }

    /// <summary>Reads a varint of at most 31 bits; false when there is none.</summary>
    public static bool TryReadVarint(ReadOnlySpan<byte> bytes, ref int position, out int value)
    {
        value = 0;
        for (int shift = 0; shift < 35 && (uint)position < (uint)bytes.Length; shift += 7)
        {
            byte next = bytes[position++];
            value |= (next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value >= 0 && (shift < 28 || next < 8);
            }
        }

        return false;
    }

    /// <summary>Reads a varint length and steps over that many bytes; false when they are not there.</summary>
    public static bool TryReadSpan(ReadOnlySpan<byte> bytes, ref int position, out int start, out int length)
    {
        bool found = TryReadVarint(bytes, ref position, out length) && length <= bytes.Length - position;
        start = position;
        position += found ? length : 0;
        return found;
    }
}
