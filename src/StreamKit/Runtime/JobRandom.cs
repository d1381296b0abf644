using System.Security.Cryptography;

namespace StreamKit.Runtime;

/// <summary>All chance in the engine, from one seed: SplitMix64 (Steele, Lea and Flood, 2014). Not safe for use by several threads.</summary>
internal sealed class JobRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A seed from the system's entropy, for jobs that were given none.</summary>
    public static ulong FreshSeed()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
#pragma warning disable RS0030 // the one place where chance enters, unless a seed is given
        RandomNumberGenerator.Fill(bytes);
#pragma warning restore RS0030
        return BitConverter.ToUInt64(bytes);
    }

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 to <paramref name="limit"/> − 1.</summary>
    public int Next(int limit) => (int)(Next() % (uint)limit);

    /// <summary>A random (version 4) identity.</summary>
    public Guid NextGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Next());
        BitConverter.TryWriteBytes(bytes[8..], Next());
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
