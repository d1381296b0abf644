using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// A bloom filter over the keys of a block (state and key, whatever the sub-key, tombstones included): ten bits and seven probes per
/// key, which lets through one absent key in a hundred. Part of the segment format.
/// </summary>
internal static class BlockFilter
{
    private const int BitsPerKey = 10;
    private const int Probes = 7;

    public static ulong Hash(int stateId, ReadOnlySpan<byte> key) => Hash(stateId, HashOf(key));

    /// <summary>The part of <see cref="Hash(int, ReadOnlySpan{byte})"/> that all states of a key share.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> key) => XxHash64.Of(key);

    /// <summary>An odd multiplier spreads the small state ids over all bits.</summary>
    public static ulong Hash(int stateId, ulong keyHash) => keyHash ^ ((ulong)stateId * 0x9E37_79B9_7F4A_7C15UL);

    public static int LengthFor(int keys) => (int)((((long)keys * BitsPerKey) + 7) / 8);

    /// <summary>Sets the bits of keys in a filter of zeros.</summary>
    public static void Fill(Span<byte> filter, ReadOnlySpan<ulong> hashes)
    {
        ulong bits = (ulong)filter.Length * 8;
        foreach (ulong hash in hashes)
        {
            ulong probe = hash;
            ulong step = Step(hash);
            for (int i = 0; i < Probes; i++, probe += step)
            {
                ulong bit = probe % bits;
                filter[(int)(bit >> 3)] |= (byte)(1 << (int)(bit & 7));
            }
        }
    }

    /// <summary>False when the key is certainly not in the block.</summary>
    public static bool MayContain(ReadOnlySpan<byte> filter, ulong hash)
    {
        ulong bits = (ulong)filter.Length * 8;
        ulong probe = hash;
        ulong step = Step(hash);
        for (int i = 0; i < Probes && bits > 0; i++, probe += step)
        {
            ulong bit = probe % bits;
            if ((filter[(int)(bit >> 3)] & (1 << (int)(bit & 7))) == 0)
            {
                return false;
            }
        }

        return true;
    }

    private static ulong Step(ulong hash) => ((hash >> 33) | (hash << 31)) | 1;
}
