using System.Runtime.CompilerServices;

namespace StreamKit.State;

/// <summary>
/// How the key directory hashes and compares keys in memory. Never stored and never seen from outside, so it may differ between
/// processes; which key group a key belongs to is decided by its canonical bytes instead.
/// Types whose equality differs from that of their canonical bytes are refused when the job is built.
/// </summary>
internal static class KeyHashing
{
    /// <summary>The directory's hash of a key. Integers are multiplied and folded, everything else mixes its own hash code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Tag<TKey>(TKey key)
        where TKey : notnull
    {
        // The tests on a value type are decided by the JIT; one branch remains.
        if (typeof(TKey) == typeof(long) || typeof(TKey) == typeof(ulong))
            return Mix(Unsafe.As<TKey, ulong>(ref key));
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

    // The first fold lets high bits reach low ones, the product lets low bits reach high ones, and the second fold gathers both.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mix(ulong value)
    {
        ulong product = (value ^ (value >> 32)) * 0x9E37_79B9_7F4A_7C15;
        return (uint)(product ^ (product >> 32));
    }
}
