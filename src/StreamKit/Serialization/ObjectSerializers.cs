namespace StreamKit.Serialization;

/// <summary>Writes the header and the members of one object that is not null.</summary>
internal delegate void WriteMembers<T>(ref MessagePackWriter writer, T value);

/// <summary>Reads the header and the members of one object, and makes it.</summary>
internal delegate T ReadMembers<T>(ref MessagePackReader reader);

/// <summary>Writes what a member is in an object made without it.</summary>
internal delegate void WriteDefault(ref MessagePackWriter writer, int member);

/// <summary>An object serializer between its creation and the time when the serializers of its members are known.</summary>
internal interface IUnfinishedSerializer
{
    /// <summary>Completes the serializer; called once, before anyone uses it.</summary>
    /// <param name="shape">The type, with its members.</param>
    /// <param name="serializers">The serializers of the members, in wire order. One of them may be, or contain, this one.</param>
    /// <param name="isRecursive">Whether values may contain values of their own type, so that depth must be watched.</param>
    void Complete(TypeShape shape, object[] serializers, bool isRecursive);
}

/// <summary>A class or record: nil, or an array of its members.</summary>
internal sealed class ClassSerializer<T> : Serializer<T?>, IUnfinishedSerializer, IMemberDefaults
    where T : class
{
    private MemberCode<T> _members = MemberCode<T>.Unfinished;

    public void Complete(TypeShape shape, object[] serializers, bool isRecursive) => _members = MemberCode<T>.Make(shape, serializers, isRecursive);

    public override void Write(ref MessagePackWriter writer, T? value)
    {
        if (value is null)
            writer.WriteNil();
        else if (value.GetType() == typeof(T))
            _members.Write(ref writer, value);
        else
            throw OtherType(value);
    }

    public override T? Read(ref MessagePackReader reader) => reader.TryReadNil() ? null : _members.Read(ref reader);

    public void WriteDefault(ref MessagePackWriter writer, int member) => _members.WriteDefault(ref writer, member);

    private static StreamSerializationException OtherType(T value) => new(
        $"A value declared as '{TypeName.Of(typeof(T))}' is really a '{TypeName.Of(value.GetType())}', whose own members would be lost. " +
        $"Use '{TypeName.Of(typeof(T))}' itself, declare the derived type, or register a custom serializer for '{TypeName.Of(typeof(T))}'.");
}

/// <summary>A struct: an array of its members. The null of a class that it was before is the default.</summary>
internal sealed class StructSerializer<T> : Serializer<T>, IUnfinishedSerializer, IMemberDefaults
    where T : struct
{
    private MemberCode<T> _members = MemberCode<T>.Unfinished;

    public void Complete(TypeShape shape, object[] serializers, bool isRecursive) => _members = MemberCode<T>.Make(shape, serializers, isRecursive);

    public override void Write(ref MessagePackWriter writer, T value) => _members.Write(ref writer, value);

    public override T Read(ref MessagePackReader reader) => reader.TryReadNil() ? default : _members.Read(ref reader);

    public void WriteDefault(ref MessagePackWriter writer, int member) => _members.WriteDefault(ref writer, member);
}
