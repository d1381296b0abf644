namespace StreamKit;

/// <summary>
/// Turns values of one type into bytes in the MessagePack format and back. Stateless and safe for concurrent use.
/// Register your own with the job builder to replace the one StreamKit would make for a type.
/// </summary>
/// <typeparam name="T">The type that is serialized.</typeparam>
public abstract class Serializer<T>
{
    /// <summary>
    /// The name of the bytes' form, recorded beside stored values; by default the full name of the serializer's class.
    /// Keep it when the class is renamed, and change it when the bytes change in a way that <see cref="Read"/> does not understand.
    /// </summary>
    public virtual string Format => GetType().FullName ?? GetType().Name;

    /// <summary>Writes one value as exactly one MessagePack value.</summary>
    /// <param name="writer">Where the bytes go.</param>
    /// <param name="value">The value; null only where <typeparamref name="T"/> admits it.</param>
    public abstract void Write(ref MessagePackWriter writer, T value);

    /// <summary>Reads one value, exactly as <see cref="Write"/> wrote it.</summary>
    /// <param name="reader">Positioned at the value; left behind it.</param>
    /// <returns>The value.</returns>
    /// <exception cref="StreamKitException">The bytes are not such a value.</exception>
    public abstract T Read(ref MessagePackReader reader);
}
