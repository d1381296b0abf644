using System.Buffers;

namespace StreamKit.Serialization;

/// <summary>
/// What the engine does with keys of one type. Two keys are equal exactly when their canonical bytes are, and
/// <see cref="EqualityComparer{T}.Default"/> agrees with that: types of which it may not be true are refused. Stateless and safe for concurrent use.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
internal abstract class KeySerializer<TKey>
{
    /// <summary>The wire form of the canonical bytes; its fingerprint stands in every segment.</summary>
    public abstract TypeSchema Schema { get; }

    /// <summary>Writes the canonical bytes: one MessagePack value.</summary>
    /// <exception cref="StreamSerializationException">The key is null, or text in it has half a surrogate pair.</exception>
    public abstract void Write(IBufferWriter<byte> output, TKey key);

    /// <summary>Reads a key from its canonical bytes.</summary>
    /// <exception cref="StreamSerializationException">The bytes are not exactly one key.</exception>
    public abstract TKey Read(ReadOnlySpan<byte> canonical);

    /// <summary>The stable hash: <see cref="KeyHash.OfCanonical"/> of the canonical bytes.</summary>
    /// <exception cref="StreamSerializationException">The key is null, or text in it has half a surrogate pair.</exception>
    public abstract ulong Hash(TKey key);

    /// <summary>Whether both keys have the same canonical bytes.</summary>
    public abstract bool Equals(TKey left, TKey right);
}
