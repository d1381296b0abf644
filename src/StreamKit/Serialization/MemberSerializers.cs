using System.ComponentModel;

namespace StreamKit.Serialization;

/// <summary>The serializers of a type's members, in wire order. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct MemberSerializers
{
    private readonly object[] _serializers;

    internal MemberSerializers(object[] serializers) => _serializers = serializers;

    /// <summary>The serializer of one member.</summary>
    /// <typeparam name="T">The member's type.</typeparam>
    /// <param name="index">Its place in wire order.</param>
    /// <returns>The serializer.</returns>
    public Serializer<T> Of<T>(int index) => (Serializer<T>)_serializers[index];

    /// <summary>
    /// The serializer of a member of a type that <see cref="MessagePackWriter"/> and <see cref="MessagePackReader"/> know themselves; null if it does no more than
    /// call them, so that generated code can do so directly. It does more where one was registered for the type, and in keys.
    /// </summary>
    /// <typeparam name="T">The member's type.</typeparam>
    /// <param name="index">Its place in wire order.</param>
    /// <returns>The serializer, or null.</returns>
    public Serializer<T>? UnlessPlain<T>(int index) => _serializers[index] switch
    {
        BooleanSerializer or SByteSerializer or Int16Serializer or Int32Serializer or Int64Serializer
            or ByteSerializer or UInt16Serializer or UInt32Serializer or UInt64Serializer
            or SingleSerializer or DoubleSerializer or StringSerializer => null,
        var other => (Serializer<T>)other,
    };
}
