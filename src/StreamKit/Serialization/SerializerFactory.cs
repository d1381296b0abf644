namespace StreamKit.Serialization;

/// <summary>Makes serializers and schemas for types that were checked. Not thread-safe: the registry locks.</summary>
/// <param name="scalars">The scalars.</param>
/// <param name="customs">The registered serializers by type.</param>
/// <param name="generated">What generated code knows of a type; null if nothing.</param>
/// <param name="declared">Gives the serializer of a type whose older values are to be read; null where there are none, as of keys.</param>
internal sealed class SerializerFactory(ScalarTable scalars, IReadOnlyDictionary<Type, object> customs, Func<Type, TypeShape?> generated, Func<Type, object>? declared)
{
    private readonly Dictionary<Type, object> _made = [];
    private readonly HashSet<Type> _unfinished = [];
    private readonly HashSet<Type> _recursive = [];

    /// <summary>The serializer of a type that has no problems.</summary>
    public object Serializer(Type type)
    {
        if (_made.TryGetValue(type, out var made))
        {
            // Met inside itself: somewhere on every such round depth must be watched, and here is on all of them.
            if (_unfinished.Contains(type))
                _recursive.Add(type);

            return made;
        }

        var shape = Shape(type);
        made = shape.Kind switch
        {
            ShapeKind.Custom => customs[type],
            ShapeKind.Scalar => scalars.Serializer(type),
            ShapeKind.Object => MakeObject(shape),
            _ => Make(shape, [.. shape.Parts.Select(Serializer)]),
        };
        _made[type] = made;
        return made;
    }

    /// <summary>The schema of a type that has no problems.</summary>
    public TypeSchema Schema(Type type) => Schema(type, []);

    private static object Make(TypeShape shape, object[] parts) =>
        shape.Make is { } make ? make(parts) : Make(shape.Serializer ?? throw Unmakeable(shape.Type), parts);

    private static object Make(Type serializer, object[] arguments) => Activator.CreateInstance(serializer, arguments) ?? throw Unmakeable(serializer);

    private static StreamSerializationException Unmakeable(Type type) => new($"A serializer for '{TypeName.Of(type)}' cannot be made. Register a custom serializer for it.");

    private TypeShape Shape(Type type) => TypeShape.Of(type, scalars, customs.ContainsKey, generated, []) ?? throw Unmakeable(type);

    private object MakeObject(TypeShape shape)
    {
        var type = shape.Type;
        var serializer = shape.Make is { } make ? make([]) : Make((type.IsValueType ? typeof(StructSerializer<>) : typeof(ClassSerializer<>)).MakeGenericType(type), []);
        _made[type] = serializer;
        _unfinished.Add(type);
        object[] parts = [.. shape.Parts.Select(Serializer)];
        _unfinished.Remove(type);
        ((IUnfinishedSerializer)serializer).Complete(shape, parts, _recursive.Contains(type));
        return serializer;
    }

    private TypeSchema Schema(Type type, Dictionary<Type, int> seen)
    {
        var shape = Shape(type);
        var name = TypeName.Of(type);
        switch (shape.Kind)
        {
            case ShapeKind.Scalar:
                return Of(SchemaKind.Scalar, scalars.Form(type));
            case ShapeKind.Custom:
                return Of(SchemaKind.Custom, FormatOf(type));
            case ShapeKind.Nullable:
                return Of(SchemaKind.Nullable, name, "value");
            case ShapeKind.Enumeration:
                return Of(SchemaKind.Enumeration, name, "number");
            case ShapeKind.Sequence:
                return Of(SchemaKind.Sequence, name, "element");
            case ShapeKind.Map:
                return Of(SchemaKind.Map, name, "key", "value");
            default:
                if (seen.TryGetValue(type, out var number))
                    return new TypeSchema(SchemaKind.Reference, name, [], number);

                seen.Add(type, seen.Count);
                return Of(SchemaKind.Members, name, [.. shape.MemberNames]);
        }

        TypeSchema Of(SchemaKind kind, string text, params string[] parts) => new(kind, text, [.. parts.Select(Part)])
        {
            Declared = declared is null ? null : new DeclaredType(type, shape.Histories, declared),
        };

        SchemaMember Part(string part, int index) => new(part, Schema(shape.Parts[index], seen));
    }

    private string FormatOf(Type type) =>
        (string?)customs[type].GetType().GetProperty(nameof(Serializer<>.Format))?.GetValue(customs[type]) ?? TypeName.Of(type);
}
