using System.Buffers;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.StateProcessing;

/// <summary>A value as it stands in bytes, for whoever does not know its type.</summary>
/// <param name="Bytes">The bytes.</param>
/// <param name="Generation">The <see cref="SchemaGeneration"/> in which they are written.</param>
internal readonly record struct RawValue(ReadOnlyMemory<byte> Bytes, int Generation);

/// <summary>Takes values of any type as they are. Used by one reader at a time.</summary>
internal sealed class RawSerializer : Serializer<RawValue>
{
    /// <summary>The generation of what is read next.</summary>
    public int Generation { get; set; }

    public override void Write(ref MessagePackWriter writer, RawValue value) => writer.WriteRaw(value.Bytes.Span);

    public override RawValue Read(ref MessagePackReader reader) => new(reader.ReadRaw().ToArray(), Generation);
}

/// <summary>A key by its canonical bytes: equal bytes are equal keys.</summary>
internal readonly struct RawKey(byte[] bytes) : IEquatable<RawKey>
{
    public ReadOnlySpan<byte> Bytes => bytes;

    public bool Equals(RawKey other) => Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => obj is RawKey other && Equals(other);

    public override int GetHashCode() => (int)KeyHash.OfCanonical(bytes);
}

/// <summary>Takes keys of any type as they are.</summary>
internal sealed class RawKeySerializer(TypeSchema schema) : KeySerializer<RawKey>
{
    public override TypeSchema Schema => schema;

    public override void Write(IBufferWriter<byte> output, RawKey key) => output.Write(key.Bytes);

    public override RawKey Read(ReadOnlySpan<byte> canonical) => new(canonical.ToArray());

    public override ulong Hash(RawKey key) => KeyHash.OfCanonical(key.Bytes);

    public override bool Equals(RawKey left, RawKey right) => left.Equals(right);
}
