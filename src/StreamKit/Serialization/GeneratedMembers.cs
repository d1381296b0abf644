using System.ComponentModel;

namespace StreamKit.Serialization;

/// <summary>A type whose shape generated code knows. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IGeneratedType
{
    /// <summary>The shape, good for one serializer.</summary>
    GeneratedShape Shape { get; }
}

/// <summary>One member of a generated type. For generated code.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly record struct GeneratedMember(string Name, Type Type)
{
    /// <summary>What it was called before; null for nothing.</summary>
    public IReadOnlyList<string>? FormerNames { get; init; }

    /// <summary>Whether it takes over from no other member.</summary>
    public bool IsNew { get; init; }
}

/// <summary>Generated code for the members of a type: what the serializer made at run time compiles from expression trees. For generated code.</summary>
/// <typeparam name="T">The type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class GeneratedMembers<T> : IGeneratedType
{
    /// <inheritdoc/>
    public abstract GeneratedShape Shape { get; }

    /// <summary>Takes the serializers of the members; called once, before the others.</summary>
    /// <param name="serializers">The serializers, in wire order. Those of a type that contains itself are not finished yet.</param>
    public abstract void Complete(MemberSerializers serializers);

    /// <summary>Writes the header and the members.</summary>
    /// <param name="writer">Where the bytes go.</param>
    /// <param name="value">The value; not null.</param>
    public abstract void Write(ref MessagePackWriter writer, T value);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="reader">Positioned at the header.</param>
    /// <returns>The value.</returns>
    public abstract T Read(ref MessagePackReader reader);

    /// <summary>Writes what a member is in an object made without it.</summary>
    /// <param name="writer">Where the bytes go.</param>
    /// <param name="member">Its place in wire order.</param>
    public abstract void WriteDefault(ref MessagePackWriter writer, int member);

    /// <summary>Reads the header.</summary>
    /// <param name="reader">Positioned at the header.</param>
    /// <param name="members">How many members the type has.</param>
    /// <exception cref="StreamSerializationException">The bytes have another number of members, or are no array.</exception>
    protected static void ReadHeader(ref MessagePackReader reader, int members)
    {
        var found = reader.ReadArrayHeader();
        if (found != members)
            throw Parts.Mismatch(reader.Position, found, members, TypeName.Of(typeof(T)));
    }
}
