using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// How the key directory hashes and compares keys in memory. Never stored and never seen from outside, so it may differ between
/// processes; which key group a key belongs to is decided by its canonical bytes instead.
/// Types whose equality differs from that of their canonical bytes are refused when the job is built.
/// </summary>
internal static class KeyHashing
{
    // The framework's own hash differs between processes, so that nobody can prepare keys that have the same one.
    private static readonly ulong s_seed = ((ulong)(uint)"first".GetHashCode() << 32) | (uint)"second".GetHashCode();

    /// <summary>The directory's hash of a key, to be used from its high bits down. Whole numbers are multiplied, everything else mixes its own hash code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Tag<TKey>(TKey key)
        where TKey : notnull
    {
        // The tests on a value type are decided by the JIT; one branch remains.
        if (typeof(TKey) == typeof(long) || typeof(TKey) == typeof(ulong))
            return Mix(Unsafe.As<TKey, uint>(ref key)) ^ ((uint)(Unsafe.As<TKey, ulong>(ref key) >> 32) * 0x85EB_CA6B);
        if (typeof(TKey) == typeof(int) || typeof(TKey) == typeof(uint))
            return Mix(Unsafe.As<TKey, uint>(ref key));
        if (typeof(TKey).IsValueType)
            return Mix((uint)EqualityComparer<TKey>.Default.GetHashCode(key));

        // All reference types share one body, so a cheap test here saves two indirect calls for the most common key.
        return key is string text ? Mix((uint)text.GetHashCode()) : Mix((uint)key.GetHashCode());
    }

    /// <summary>
    /// The hash by which a map finds an entry. Of numbers it is that of their canonical bytes, which decides in which row of a large map they are; of strings one
    /// that is computed faster than <see cref="string.GetHashCode()"/>, and in each process another one, too.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint MapTag<TKey>(TKey key)
        where TKey : notnull
    {
        if (IsNumber<TKey>())
            return (uint)(KeyHash.Direct(key) >> 32);
        if (typeof(TKey).IsValueType)
            return Tag(key);
        return key is string text ? OfText(text) : Mix((uint)key.GetHashCode());
    }

    /// <summary>Whether <see cref="MapTag"/> is the hash of canonical bytes; a constant to the JIT.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsNumber<TKey>() =>
        typeof(TKey) == typeof(long) || typeof(TKey) == typeof(int) || typeof(TKey) == typeof(ulong) || typeof(TKey) == typeof(uint) || typeof(TKey) == typeof(short)
        || typeof(TKey) == typeof(ushort) || typeof(TKey) == typeof(byte) || typeof(TKey) == typeof(sbyte) || typeof(TKey) == typeof(char);

    /// <summary>Whether two keys are the same key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Same<TKey>(TKey left, TKey right)
        where TKey : notnull
    {
        if (typeof(TKey).IsValueType)
            return EqualityComparer<TKey>.Default.Equals(left, right);
        return left is string text ? right is string other && string.Equals(text, other) : left.Equals(right);
    }

    /// <summary>Whether a tag tells a key from all others for which this is true too: whole numbers of up to 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsTag<TKey>(TKey key)
        where TKey : notnull
    {
        if (typeof(TKey) == typeof(long) || typeof(TKey) == typeof(ulong))
            return Unsafe.As<TKey, ulong>(ref key) <= uint.MaxValue;
        return typeof(TKey) == typeof(int) || typeof(TKey) == typeof(uint);
    }

    /// <summary>Multiplies eight bytes at a time and folds the product: the mixing of wyhash (Wang Yi 2019).</summary>
    private static uint OfText(string text)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(text.AsSpan());
        ulong hash = s_seed ^ (uint)bytes.Length;
        for (; bytes.Length > sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        ulong rest = 0;
        if (bytes.Length == sizeof(ulong))
            rest = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        else if (bytes.Length >= sizeof(uint))
            rest = BinaryPrimitives.ReadUInt32LittleEndian(bytes) | ((ulong)BinaryPrimitives.ReadUInt16LittleEndian(bytes[^2..]) << 32);
        else if (bytes.Length > 0)
            rest = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        return (uint)(Fold(hash ^ rest) >> 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong value) => Math.BigMul(value, 0xA076_1D64_78BD_642F, out ulong low) ^ low;

    // Times the golden ratio: a bijection, whose high bits are mixed best.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mix(uint value) => value * 0x9E37_79B1;
}
