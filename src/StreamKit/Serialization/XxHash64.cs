using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamKit.Serialization;

/// <summary>
/// XXH64 with seed 0, written from its published specification
/// (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md). Its results are part of StreamKit's file formats: they never change.
/// </summary>
internal static class XxHash64
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ref var start = ref MemoryMarshal.GetReference(bytes);
        var at = 0;
        var hash = bytes.Length >= 32 ? Stripes(ref start, bytes.Length, out at) : Prime5;
        hash += (ulong)bytes.Length;

        for (; at + 8 <= bytes.Length; at += 8)
            hash = (BitOperations.RotateLeft(hash ^ Round(0, Word(ref start, at)), 27) * Prime1) + Prime4;

        if (at + 4 <= bytes.Length)
        {
            hash = (BitOperations.RotateLeft(hash ^ (HalfWord(ref start, at) * Prime1), 23) * Prime2) + Prime3;
            at += 4;
        }

        for (; at < bytes.Length; at++)
            hash = BitOperations.RotateLeft(hash ^ (Unsafe.Add(ref start, at) * Prime5), 11) * Prime1;

        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);
    }

    private static ulong Stripes(ref byte start, int length, out int at)
    {
        var (lane1, lane2, lane3, lane4) = (unchecked(Prime1 + Prime2), Prime2, 0UL, unchecked(0 - Prime1));
        for (at = 0; at + 32 <= length; at += 32)
        {
            lane1 = Round(lane1, Word(ref start, at));
            lane2 = Round(lane2, Word(ref start, at + 8));
            lane3 = Round(lane3, Word(ref start, at + 16));
            lane4 = Round(lane4, Word(ref start, at + 24));
        }

        var hash = BitOperations.RotateLeft(lane1, 1) + BitOperations.RotateLeft(lane2, 7)
            + BitOperations.RotateLeft(lane3, 12) + BitOperations.RotateLeft(lane4, 18);
        hash = Merge(hash, lane1);
        hash = Merge(hash, lane2);
        hash = Merge(hash, lane3);
        return Merge(hash, lane4);
    }

    private static ulong Round(ulong lane, ulong word) => BitOperations.RotateLeft(lane + (word * Prime2), 31) * Prime1;

    private static ulong Merge(ulong hash, ulong lane) => ((hash ^ Round(0, lane)) * Prime1) + Prime4;

    private static ulong Word(ref byte start, int at)
    {
        var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, at));
        return BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word);
    }

    private static ulong HalfWord(ref byte start, int at)
    {
        var word = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, at));
        return BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word);
    }
}
