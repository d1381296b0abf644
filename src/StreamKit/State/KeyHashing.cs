using System.Runtime.CompilerServices;

namespace StreamKit.State;

/// <summary>
/// How the key directory hashes and compares keys in memory. Never stored and never seen from outside, so it may differ between
/// processes; which key group a key belongs to is decided by its canonical bytes instead.
/// Types whose equality differs from that of their canonical bytes are refused when the job is built.
/// </summary>
internal static class KeyHashing
{
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

    // Times the golden ratio: a bijection, whose high bits are mixed best.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mix(uint value) => value * 0x9E37_79B1;
}
