namespace StreamKit.Serialization;

/// <summary>A serializer whose type is known only at run time. Every <see cref="Serializer{T}"/> is one, so that nothing has to be made for it.</summary>
internal interface IValueSerializer
{
    /// <summary>Writes a value; null stands for the default of the type.</summary>
    void WriteBoxed(ref MessagePackWriter writer, object? value);

    /// <summary>Reads a value, and writes it again.</summary>
    void Rewrite(ref MessagePackReader reader, ref MessagePackWriter writer);

    /// <summary>See <see cref="Serializer{T}.CanRead"/>.</summary>
    bool CanRead(string format);
}

/// <summary>A serializer of objects, which knows what a member is that was not stored.</summary>
internal interface IMemberDefaults
{
    /// <summary>Writes what a member is in an object made without it.</summary>
    void WriteDefault(ref MessagePackWriter writer, int member);
}
