using System.Text;

namespace StreamKit.Serialization;

/// <summary>What a <see cref="TypeSchema"/> describes. The numbers are part of the format.</summary>
internal enum SchemaKind
{
    /// <summary>A value without parts, named by its wire form ("int32", "string", "timestamp").</summary>
    Scalar = 0,

    /// <summary>A value or nil. One member: the value.</summary>
    Nullable = 1,

    /// <summary>A whole number with names. One member: the number.</summary>
    Enumeration = 2,

    /// <summary>Any number of values. One member: the element.</summary>
    Sequence = 3,

    /// <summary>Any number of pairs. Two members: key and value.</summary>
    Map = 4,

    /// <summary>An array of members in the order of the schema.</summary>
    Members = 5,

    /// <summary>A <see cref="Members"/> schema further out, by its number in order of appearance.</summary>
    Reference = 6,

    /// <summary>Whatever a registered serializer writes, named by that serializer.</summary>
    Custom = 7,
}

/// <summary>One part of a schema.</summary>
internal sealed record SchemaMember(string Name, TypeSchema Schema);

/// <summary>
/// How values of a type stand in bytes: members in wire order, by name. It is recorded beside stored values, so that a later version of
/// the type can be compared with the one that wrote them. Immutable.
/// </summary>
internal sealed class TypeSchema : IEquatable<TypeSchema>
{
    private readonly Lazy<ulong> _fingerprint;

    public TypeSchema(SchemaKind kind, string name, IReadOnlyList<SchemaMember> members, int target = -1)
    {
        Kind = kind;
        Name = name;
        Members = members;
        Target = target;
        _fingerprint = new Lazy<ulong>(ComputeFingerprint);
    }

    public SchemaKind Kind { get; }

    /// <summary>The wire form of a scalar, the name of a custom serializer; of others the type's name, for people only.</summary>
    public string Name { get; }

    /// <summary>The parts in wire order.</summary>
    public IReadOnlyList<SchemaMember> Members { get; }

    /// <summary>Of a reference: the number of the schema it stands for, counting those of kind <see cref="SchemaKind.Members"/> as they appear, from 0.</summary>
    public int Target { get; }

    /// <summary>Of the schema of a type: what it takes to read older values as that type. Null of one that was read, or made of parts, such as a state's; not a part of the schema.</summary>
    public DeclaredType? Declared { get; init; }

    /// <summary>Equal for types that write the same bytes: names of members count, names of types and enumerations do not.</summary>
    public ulong Fingerprint => _fingerprint.Value;

    public static TypeSchema Scalar(string name) => new(SchemaKind.Scalar, name, []);

    /// <summary>What somebody writes in a form of their own, which the name stands for.</summary>
    public static TypeSchema Custom(string name) => new(SchemaKind.Custom, name, []);

    /// <summary>Any number of values of a schema.</summary>
    public static TypeSchema SequenceOf(TypeSchema element) => new(SchemaKind.Sequence, "", [new SchemaMember("element", element)]);

    /// <summary>Any number of pairs.</summary>
    public static TypeSchema MapOf(TypeSchema key, TypeSchema value) =>
        new(SchemaKind.Map, "", [new SchemaMember("key", key), new SchemaMember("value", value.BehindOthers(key.CountOfMembers()))]);

    /// <summary>Reads what <see cref="Write(ref MessagePackWriter)"/> wrote.</summary>
    /// <exception cref="StreamSerializationException">The bytes are no schema.</exception>
    public static TypeSchema Read(ref MessagePackReader reader)
    {
        reader.EnterDepth();
        var parts = reader.ReadArrayHeader();
        var kind = (SchemaKind)reader.ReadInt32();
        var name = reader.ReadString();
        if (parts != 3 || kind is < SchemaKind.Scalar or > SchemaKind.Custom || name is null)
            throw new StreamSerializationException($"A schema before byte {reader.Position} has {parts} parts, kind {(int)kind} and the name '{name}'; expected 3 parts, a kind from 0 to 7 and a name. It was written by a newer version, or the bytes are damaged.");

        var schema = kind == SchemaKind.Reference
            ? new TypeSchema(kind, name, [], reader.ReadInt32())
            : new TypeSchema(kind, name, ReadMembers(ref reader, kind));
        reader.LeaveDepth();
        return schema;
    }

    /// <summary>Whether all of both is the same, names for people included; whether both write the same bytes tells <see cref="Fingerprint"/>.</summary>
    public bool Equals(TypeSchema? other) =>
        other is not null && Kind == other.Kind && Name == other.Name && Target == other.Target && Members.SequenceEqual(other.Members);

    public override bool Equals(object? obj) => Equals(obj as TypeSchema);

    public override int GetHashCode() => Fingerprint.GetHashCode();

    /// <summary>Writes the schema as one MessagePack value: [kind, name, [[member name, schema], …]], of a reference [kind, name, target].</summary>
    public void Write(ref MessagePackWriter writer) => Write(ref writer, withTypeNames: true);

    /// <summary>The schema in one line, for people: <c>Order { Id: int64, Lines: [Line { Text: string }] }</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Describe(text);
        return text.ToString();
    }

    /// <summary>The schema as it stands where others with members come before it, so that references go on meaning the same.</summary>
    private TypeSchema BehindOthers(int others) => others == 0 ? this : Kind == SchemaKind.Reference
        ? new TypeSchema(Kind, Name, [], Target + others)
        : new TypeSchema(Kind, Name, [.. Members.Select(member => member with { Schema = member.Schema.BehindOthers(others) })]) { Declared = Declared };

    private int CountOfMembers() => (Kind == SchemaKind.Members ? 1 : 0) + Members.Sum(static member => member.Schema.CountOfMembers());

    private static List<SchemaMember> ReadMembers(ref MessagePackReader reader, SchemaKind kind)
    {
        var count = reader.ReadArrayHeader();
        int? expected = kind switch
        {
            SchemaKind.Members => null,
            SchemaKind.Map => 2,
            SchemaKind.Scalar or SchemaKind.Custom => 0,
            _ => 1,
        };
        if (count != (expected ?? count))
            throw new StreamSerializationException($"A schema of kind '{kind}' before byte {reader.Position} has {count} members, expected {expected}. The bytes are damaged.");

        var members = new List<SchemaMember>();
        for (var left = count; left > 0; left--)
        {
            var parts = reader.ReadArrayHeader();
            var name = reader.ReadString();
            if (parts != 2 || name is null)
                throw new StreamSerializationException($"A schema's member before byte {reader.Position} has {parts} parts and the name '{name}'; expected 2 parts and a name. The bytes are damaged.");

            members.Add(new SchemaMember(name, Read(ref reader)));
        }

        return members;
    }

    private void Write(ref MessagePackWriter writer, bool withTypeNames)
    {
        writer.WriteArrayHeader(3);
        writer.Write((int)Kind);
        writer.Write(withTypeNames || Kind is SchemaKind.Scalar or SchemaKind.Custom ? Name : "");
        if (Kind == SchemaKind.Reference)
        {
            writer.Write(Target);
            return;
        }

        writer.WriteArrayHeader(Members.Count);
        foreach (var member in Members)
        {
            writer.WriteArrayHeader(2);
            writer.Write(member.Name);
            member.Schema.Write(ref writer, withTypeNames);
        }
    }

    private ulong ComputeFingerprint()
    {
        using var buffer = new PooledBufferWriter();
        var writer = new MessagePackWriter(buffer);
        Write(ref writer, withTypeNames: false);
        writer.Flush();
        return XxHash64.Of(buffer.WrittenSpan);
    }

    private void Describe(StringBuilder text)
    {
        switch (Kind)
        {
            case SchemaKind.Nullable:
                Members[0].Schema.Describe(text);
                text.Append('?');
                break;
            case SchemaKind.Enumeration:
                text.Append(Name).Append(": ");
                Members[0].Schema.Describe(text);
                break;
            case SchemaKind.Sequence:
                text.Append('[');
                Members[0].Schema.Describe(text);
                text.Append(']');
                break;
            case SchemaKind.Map:
                text.Append('{');
                Members[0].Schema.Describe(text);
                text.Append(" → ");
                Members[1].Schema.Describe(text);
                text.Append('}');
                break;
            case SchemaKind.Members:
                text.Append(Name).Append(" { ");
                for (var i = 0; i < Members.Count; i++)
                {
                    text.Append(i == 0 ? "" : ", ").Append(Members[i].Name).Append(": ");
                    Members[i].Schema.Describe(text);
                }

                text.Append(" }");
                break;
            case SchemaKind.Reference:
                text.Append('^').Append(Name);
                break;
            case SchemaKind.Custom:
                text.Append("custom '").Append(Name).Append('\'');
                break;
            default:
                text.Append(Name);
                break;
        }
    }
}
