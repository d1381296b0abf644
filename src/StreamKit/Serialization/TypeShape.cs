namespace StreamKit.Serialization;

/// <summary>The ways in which a type is serialized.</summary>
internal enum ShapeKind
{
    Scalar,
    Custom,
    Nullable,
    Enumeration,
    Sequence,
    Map,
    Object,
}

/// <summary>
/// How one type is serialized, one level deep: its parts are types still to be looked at.
/// </summary>
/// <param name="Type">The type.</param>
/// <param name="Kind">The way.</param>
/// <param name="Parts">The types it contains, in the order of its serializer's constructor; of an object, those of its members in wire order.</param>
/// <param name="Serializer">The class that serializes it: of scalars and registered ones the object itself is in the table instead.</param>
/// <param name="Members">Of an object: its members and how to make it, unless generated code knows.</param>
internal sealed record TypeShape(Type Type, ShapeKind Kind, IReadOnlyList<Type> Parts, Type? Serializer = null, ObjectShape? Members = null)
{
    /// <summary>Of an object: the names of its members in wire order.</summary>
    public IReadOnlyList<string> MemberNames { get; init; } = Members is null ? [] : [.. Members.Members.Select(static m => m.Name)];

    /// <summary>Of an object: what it says of the past of its members, in wire order.</summary>
    public IReadOnlyList<MemberHistory> Histories { get; init; } = Members is null ? [] : [.. Members.Members.Select(static m => m.History)];

    /// <summary>Of an object: whether some fields are left out on purpose.</summary>
    public bool LeavesFieldsOut { get; init; } = Members is { LeavesFieldsOut: true };

    /// <summary>Makes the serializer from those of the parts (of an object, from none), if generated code has said how.</summary>
    public Func<object[], object>? Make { get; init; }

    /// <summary>Of an object: the <see cref="GeneratedMembers{T}"/> of its type, good for one serializer.</summary>
    public object? Generated { get; init; }

    /// <summary>Finds the way for a type, or says why there is none.</summary>
    /// <param name="type">The type.</param>
    /// <param name="scalars">The scalars known where the type is to be used.</param>
    /// <param name="isCustom">Whether a serializer is registered for a type.</param>
    /// <param name="generated">What generated code knows of a type; null if nothing.</param>
    /// <param name="problems">Receives what is wrong with the type itself, as (member or empty, problem and remedy).</param>
    /// <returns>The way; null if something is wrong that leaves no way at all.</returns>
    public static TypeShape? Of(Type type, ScalarTable scalars, Func<Type, bool> isCustom, Func<Type, TypeShape?> generated, List<(string Member, string Text)> problems)
    {
        if (isCustom(type))
            return new TypeShape(type, ShapeKind.Custom, []);

        if (scalars.Contains(type))
            return new TypeShape(type, ShapeKind.Scalar, []);

        if (generated(type) is { } known)
            return known;

        if (type.IsEnum)
        {
            var number = Enum.GetUnderlyingType(type);
            return new TypeShape(type, ShapeKind.Enumeration, [number], typeof(EnumSerializer<,>).MakeGenericType(type, number));
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
            return new TypeShape(type, ShapeKind.Nullable, [value], typeof(NullableSerializer<>).MakeGenericType(value));

        if (CollectionTable.Find(type) is { } collection)
            return collection;

        if (Refusal(type) is { } refusal)
        {
            problems.Add(("", refusal));
            return null;
        }

        var members = ObjectShape.Of(type, problems);
        return new TypeShape(type, ShapeKind.Object, [.. members.Members.Select(m => m.Type)], Members: members);
    }

    private static string? Refusal(Type type)
    {
        var name = TypeName.Of(type);
        if (type.ContainsGenericParameters)
            return $"the type '{name}' has open type parameters. Use a closed type.";
        if (type.IsArray)
            return $"the array '{name}' has more than one dimension or another lower bound. Use arrays of arrays.";
        if (type.IsByRefLike || type.IsPointer || type.IsByRef || type.IsFunctionPointer)
            return $"the type '{name}' is a reference into memory, which means nothing after a restart. Keep the value itself.";
        if (typeof(Delegate).IsAssignableFrom(type))
            return $"the type '{name}' is code, not data. Remove the member, or mark it [IgnoreDataMember].";
        if (type == typeof(object) || type.IsInterface || type.IsAbstract)
            return $"the type '{name}' is {(type.IsInterface ? "an interface" : "abstract")}, so the bytes would not tell which type to make again. Use a concrete type.";
        if (IsOfTheFramework(type) && !IsTuple(type))
            return $"the type '{name}' of .NET is not one that StreamKit serializes. Use a supported type (see docs/serialization.md).";

        return null;
    }

    /// <summary>Whether a type is a tuple or a pair: made of its members and nothing else.</summary>
    public static bool IsTuple(Type type) =>
        type.IsGenericType && (typeof(System.Runtime.CompilerServices.ITuple).IsAssignableFrom(type) && IsOfTheFramework(type)
            || type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>));

    public static bool IsOfTheFramework(Type type) =>
        type.Namespace is { } space && (space == "System" || space.StartsWith("System.", StringComparison.Ordinal) || space.StartsWith("Microsoft.", StringComparison.Ordinal));
}
