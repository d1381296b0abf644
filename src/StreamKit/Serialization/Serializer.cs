using StreamKit.Serialization;

namespace StreamKit;

/// <summary>
/// Turns values of one type into bytes in the MessagePack format and back. Stateless and safe for concurrent use.
/// Register your own with the job builder to replace the one StreamKit would make for a type.
/// </summary>
/// <typeparam name="T">The type that is serialized.</typeparam>
public abstract class Serializer<T> : IValueSerializer
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

    /// <summary>
    /// Whether <see cref="Read"/> understands values that were written in another form too, so that state which holds such values is taken over; by default none.
    /// They are written in the form of <see cref="Write"/> when their rows are next written or merged.
    /// </summary>
    /// <param name="format">The <see cref="Format"/> of the registered serializer that wrote them; of values that StreamKit wrote by itself their schema, such as <c>Money { Cents: int64 }</c>.</param>
    /// <returns>Whether it does.</returns>
    public virtual bool CanRead(string format) => false;

    // A null for a value type is its default.
    void IValueSerializer.WriteBoxed(ref MessagePackWriter writer, object? value) => Write(ref writer, value is null ? default! : (T)value);

    void IValueSerializer.Rewrite(ref MessagePackReader reader, ref MessagePackWriter writer) => Write(ref writer, Read(ref reader));
}
