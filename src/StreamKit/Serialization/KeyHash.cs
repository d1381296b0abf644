using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace StreamKit.Serialization;

/// <summary>
/// The stable hash of keys, from which key groups are made. It is a fixed function of a key's canonical bytes
/// (see <see cref="OfCanonical"/>), the same in every process and version, and it never changes.
/// <see cref="IsDirect{TKey}"/> and <see cref="Direct{TKey}"/> compute it for the commonest key types without a virtual call.
/// </summary>
internal static class KeyHash
{
    // Three bytes per char: strings up to here are encoded on the stack.
    private const int StackChars = 170;

    /// <summary>The hash of a whole number: the output function of SplitMix64, a bijection (Steele, Lea, Flood 2014).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(long value)
    {
        var mixed = (ulong)value + 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>The hash of a string: XXH64 of its UTF-8.</summary>
    /// <exception cref="StreamSerializationException">The text has half a surrogate pair.</exception>
    [SkipLocalsInit]
    public static ulong Of(ReadOnlySpan<char> text)
    {
        if (text.Length > StackChars)
            return OfLong(text);

        // Whatever is in it is overwritten before it is read, so it need not be cleared.
        Span<byte> utf8 = stackalloc byte[StackChars * 3];
        return Utf8.FromUtf16(text, utf8, out _, out var count, replaceInvalidSequences: false) == OperationStatus.Done
            ? XxHash64.Of(utf8[..count])
            : throw MessagePackWriter.LoneSurrogate(text);
    }

    /// <summary>The hash of a GUID: XXH64 of its canonical bytes.</summary>
    [SkipLocalsInit]
    public static ulong Of(Guid value)
    {
        Span<byte> bytes = stackalloc byte[18];
        bytes[0] = MessagePackCode.Binary8;
        bytes[1] = 16;
        value.TryWriteBytes(bytes[2..], bigEndian: true, out _);
        return XxHash64.Of(bytes);
    }

    /// <summary>
    /// The hash of any key from its canonical bytes: whole numbers and booleans are mixed by <see cref="Of(long)"/>, of strings the UTF-8
    /// is hashed by XXH64, of everything else all canonical bytes are.
    /// </summary>
    public static ulong OfCanonical(ReadOnlySpan<byte> bytes)
    {
        var reader = new MessagePackReader(bytes);
        return reader.NextKind switch
        {
            MessagePackKind.Integer => Of(reader.ReadInteger(out _)),
            MessagePackKind.Boolean => Of(reader.ReadBoolean() ? 1L : 0L),
            MessagePackKind.String => XxHash64.Of(reader.ReadStringUtf8()),
            _ => XxHash64.Of(bytes),
        };
    }

    /// <summary>Whether <see cref="Direct{TKey}"/> knows the type; a constant to the JIT.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsDirect<TKey>() =>
        typeof(TKey) == typeof(long) || typeof(TKey) == typeof(int) || typeof(TKey) == typeof(string) || typeof(TKey) == typeof(Guid)
        || typeof(TKey) == typeof(ulong) || typeof(TKey) == typeof(uint) || typeof(TKey) == typeof(short) || typeof(TKey) == typeof(ushort)
        || typeof(TKey) == typeof(byte) || typeof(TKey) == typeof(sbyte) || typeof(TKey) == typeof(char) || typeof(TKey) == typeof(bool);

    /// <summary>The hash of a key of one of the direct types, equal to that of its <see cref="KeySerializer{TKey}"/>. The key is not null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Direct<TKey>(TKey key)
    {
        if (typeof(TKey) == typeof(long) || typeof(TKey) == typeof(ulong))
            return Of(Unsafe.As<TKey, long>(ref key));
        if (typeof(TKey) == typeof(int))
            return Of(Unsafe.As<TKey, int>(ref key));
        if (typeof(TKey) == typeof(string))
            return Of(Unsafe.As<TKey, string>(ref key).AsSpan());
        if (typeof(TKey) == typeof(Guid))
            return Of(Unsafe.As<TKey, Guid>(ref key));
        if (typeof(TKey) == typeof(uint))
            return Of(Unsafe.As<TKey, uint>(ref key));
        if (typeof(TKey) == typeof(short))
            return Of(Unsafe.As<TKey, short>(ref key));
        if (typeof(TKey) == typeof(ushort) || typeof(TKey) == typeof(char))
            return Of(Unsafe.As<TKey, ushort>(ref key));
        if (typeof(TKey) == typeof(bool))
            return Of(Unsafe.As<TKey, bool>(ref key) ? 1L : 0L);
        if (typeof(TKey) == typeof(byte))
            return Of(Unsafe.As<TKey, byte>(ref key));
        if (typeof(TKey) == typeof(sbyte))
            return Of(Unsafe.As<TKey, sbyte>(ref key));

        throw new StreamSerializationException($"The key type '{typeof(TKey)}' has no direct hash; ask IsDirect first.");
    }

    private static ulong OfLong(ReadOnlySpan<char> text)
    {
        var utf8 = ArrayPool<byte>.Shared.Rent(checked(text.Length * 3));
        try
        {
            return Utf8.FromUtf16(text, utf8, out _, out var count, replaceInvalidSequences: false) == OperationStatus.Done
                ? XxHash64.Of(utf8.AsSpan(0, count))
                : throw MessagePackWriter.LoneSurrogate(text);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
        }
    }
}
