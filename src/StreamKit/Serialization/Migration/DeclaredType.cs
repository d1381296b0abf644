using System.Reflection;

namespace StreamKit.Serialization;

/// <summary>What it takes, besides the schema of a type, to read values that an older version of the type wrote.</summary>
/// <param name="type">The type.</param>
/// <param name="members">Of an object: the past of its members, in wire order.</param>
/// <param name="serializers">Gives the serializer of a type.</param>
internal sealed class DeclaredType(Type type, IReadOnlyList<MemberHistory> members, Func<Type, object> serializers)
{
    /// <summary>Whether the type has no null.</summary>
    public bool IsValueType => type.IsValueType;

    public IReadOnlyList<MemberHistory> Members => members;

    public IValueSerializer Serializer => (IValueSerializer)serializers(type);

    /// <summary>The bytes of the type's default.</summary>
    public byte[] Default()
    {
        var serializer = Serializer;
        return Written((ref writer) => serializer.WriteBoxed(ref writer, null));
    }

    /// <summary>The bytes of what a member is in an object made without it.</summary>
    public byte[] DefaultOf(int member)
    {
        var defaults = (IMemberDefaults)serializers(type);
        return Written((ref writer) => defaults.WriteDefault(ref writer, member));
    }

    private byte[] Written(WriteAction write)
    {
        using var buffer = new PooledBufferWriter();
        var writer = new MessagePackWriter(buffer);
        try
        {
            write(ref writer);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A constructor, a setter or a registered serializer: code of the user's.
            var cause = error is TargetInvocationException { InnerException: { } inner } ? inner : error;
            throw new StreamSerializationException($"'{TypeName.Of(type)}' cannot be made from the defaults of its constructor's parameters, or they cannot be written: {cause.Message}", cause);
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private delegate void WriteAction(ref MessagePackWriter writer);
}
