using System.Buffers;
using System.Runtime.CompilerServices;

namespace StreamKit.Serialization;

/// <summary>Keys of the types that <see cref="KeyHash.Direct{TKey}"/> knows.</summary>
internal sealed class DirectKeySerializer<TKey>(Serializer<TKey> canonical, TypeSchema schema) : CanonicalKeySerializer<TKey>(canonical, schema)
{
    public override ulong Hash(TKey key) => IsNull(key) ? throw NullKey() : KeyHash.Direct(key);
}

/// <summary>Enumerations, hashed as their numbers.</summary>
internal sealed class EnumKeySerializer<TKey>(Serializer<TKey> canonical, TypeSchema schema) : CanonicalKeySerializer<TKey>(canonical, schema)
    where TKey : struct, Enum
{
    private readonly bool _isSigned = Type.GetTypeCode(typeof(TKey)) is TypeCode.SByte or TypeCode.Int16 or TypeCode.Int32 or TypeCode.Int64;

    public override ulong Hash(TKey key) => KeyHash.Of(Unsafe.SizeOf<TKey>() switch
    {
        1 => _isSigned ? Unsafe.BitCast<TKey, sbyte>(key) : Unsafe.BitCast<TKey, byte>(key),
        2 => _isSigned ? Unsafe.BitCast<TKey, short>(key) : Unsafe.BitCast<TKey, ushort>(key),
        4 => _isSigned ? Unsafe.BitCast<TKey, int>(key) : Unsafe.BitCast<TKey, uint>(key),
        _ => Unsafe.BitCast<TKey, long>(key),
    });
}

/// <summary>Keys of any type: the canonical serializer writes into memory of the thread's own, and that is hashed.</summary>
internal class CanonicalKeySerializer<TKey>(Serializer<TKey> canonical, TypeSchema schema) : KeySerializer<TKey>
{
    // Asked first, for unoptimised code boxes what it compares with null.
    private static readonly bool CanBeNull = default(TKey) is null;

    public sealed override TypeSchema Schema => schema;

    public sealed override void Write(IBufferWriter<byte> output, TKey key)
    {
        if (IsNull(key))
            throw NullKey();

        var writer = new MessagePackWriter(output);
        canonical.Write(ref writer, key);
        writer.Flush();
    }

    public sealed override TKey Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new MessagePackReader(bytes);
        var key = canonical.Read(ref reader);
        if (key is null || reader.Remaining > 0)
            throw new StreamSerializationException($"A key of type '{TypeName.Of(typeof(TKey))}' in {bytes.Length} bytes {(key is null ? "is nil" : $"leaves {reader.Remaining} bytes over")}. The bytes are damaged or are those of another type.");

        return key;
    }

    public override ulong Hash(TKey key)
    {
        var scratch = KeyScratch.Take();
        Write(scratch, key);
        return KeyHash.OfCanonical(scratch.WrittenSpan);
    }

    public sealed override bool Equals(TKey left, TKey right) => EqualityComparer<TKey>.Default.Equals(left, right);

    protected static bool IsNull(TKey key) => CanBeNull && key is null;

    protected static StreamSerializationException NullKey() => new(
        $"A key of type '{TypeName.Of(typeof(TKey))}' is null. Filter such records out before 'KeyBy', or give them a key of their own.");
}

/// <summary>Memory for the bytes of one key, one per thread; it holds nothing between two calls.</summary>
internal static class KeyScratch
{
    [ThreadStatic]
    private static PooledBufferWriter? _buffer;

    public static PooledBufferWriter Take()
    {
        var buffer = _buffer ??= new PooledBufferWriter();
        buffer.Clear();
        return buffer;
    }
}
