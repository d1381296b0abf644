namespace StreamKit.Serialization;

/// <summary>Finds the conversion between two schemas, and all that stands against it. Used once.</summary>
internal sealed class MigrationPlanner
{
    private readonly TypeSchema _storedRoot;
    private readonly TypeSchema _declaredRoot;
    private readonly SchemaPlaces _stored;
    private readonly SchemaPlaces _declared;
    private readonly SchemaForms _forms;
    private readonly Dictionary<(TypeSchema, TypeSchema), MembersConversion> _objects = new(SameObjects.Instance);
    private readonly HashSet<MembersConversion> _unfinished = [];
    private readonly List<string> _changes = [];
    private readonly List<string> _problems = [];

    public MigrationPlanner(TypeSchema stored, TypeSchema declared)
    {
        (_storedRoot, _declaredRoot) = (stored, declared);
        (_stored, _declared) = (new SchemaPlaces(stored), new SchemaPlaces(declared));
        _forms = new SchemaForms(_stored, _declared);
    }

    public IReadOnlyList<string> Changes => _changes;

    public IReadOnlyList<string> Problems => _problems;

    public ValueConversion Plan() => Plan("", _storedRoot, _declaredRoot, instead: null);

    /// <param name="path">The place, as <c>Lines[].Text</c>; empty for the value itself.</param>
    /// <param name="stored">What is stored there.</param>
    /// <param name="declared">What is declared there.</param>
    /// <param name="instead">Gives what a null becomes where there is none any more; null for the default of the type.</param>
    private ValueConversion Plan(string path, TypeSchema stored, TypeSchema declared, Func<byte[]>? instead)
    {
        (stored, declared) = (_stored.Resolve(stored), _declared.Resolve(declared));
        if (_forms.AreSame(stored, declared))
            return ValueConversion.None;
        if (stored.Kind == SchemaKind.Nullable || declared.Kind == SchemaKind.Nullable)
            return PlanNullable(path, stored, declared, instead);
        if (declared.Kind == SchemaKind.Custom)
            return PlanCustom(path, stored, declared);
        if (NumberOf(stored) is { } old && NumberOf(declared) is { } now)
            return Changed(path, stored, declared, NumberWidening.Between(old, now));
        if (stored.Kind != declared.Kind)
            return Refuse(path, stored, declared);

        switch (stored.Kind)
        {
            case SchemaKind.Sequence:
                return new SequenceConversion(Plan(path + "[]", stored.Members[0].Schema, declared.Members[0].Schema, instead: null));
            case SchemaKind.Map when !_forms.AreSame(stored.Members[0].Schema, declared.Members[0].Schema):
                Problem($"'{path}{{key}}' was {stored.Members[0].Schema}, now {declared.Members[0].Schema}: keys never change");
                return ValueConversion.None;
            case SchemaKind.Map:
                return new MapConversion(Plan(path + "{value}", stored.Members[1].Schema, declared.Members[1].Schema, instead: null));
            case SchemaKind.Members:
                return PlanMembers(path, stored, declared);
            default:
                return Refuse(path, stored, declared);
        }
    }

    /// <summary>The number that stands there, by itself or as an enumeration; null if there is none.</summary>
    private static string? NumberOf(TypeSchema schema) => schema.Kind switch
    {
        SchemaKind.Scalar => schema.Name,
        SchemaKind.Enumeration => NumberOf(schema.Members[0].Schema),
        _ => null,
    };

    private ValueConversion PlanCustom(string path, TypeSchema stored, TypeSchema declared)
    {
        var type = DeclaredOf(declared);
        if (!type.Serializer.CanRead(stored.Kind == SchemaKind.Custom ? stored.Name : stored.ToString()))
        {
            Problem($"{Was(path, stored, declared)}, whose serializer says by 'CanRead' that it does not read that");
            return ValueConversion.None;
        }

        Change(Was(path, stored, declared));
        var conversion = new RewritingConversion(type.Serializer);
        // A registered serializer knows the null that it wrote, and not that of others.
        return stored.Kind == SchemaKind.Custom ? conversion : new NullableConversion(conversion, Written(path, type.Default));
    }

    private ValueConversion PlanNullable(string path, TypeSchema stored, TypeSchema declared, Func<byte[]>? instead)
    {
        var (problems, changes) = (_problems.Count, _changes.Count);
        var value = Plan(path, Value(stored), Value(declared), instead: null);
        if (_problems.Count == problems && _changes.Count == changes)
            Change(Was(path, stored, declared));
        if (declared.Kind == SchemaKind.Nullable)
            return value.IsNone ? value : new NullableConversion(value, null);

        var type = DeclaredOf(_declared.Resolve(declared));
        return new NullableConversion(value, Written(path, type.IsValueType && instead is not null ? instead : type.Default));

        static TypeSchema Value(TypeSchema schema) => schema.Kind == SchemaKind.Nullable ? schema.Members[0].Schema : schema;
    }

    private MembersConversion PlanMembers(string path, TypeSchema stored, TypeSchema declared)
    {
        if (_objects.TryGetValue((stored, declared), out var known))
        {
            // Met inside itself: somewhere on every such round depth must be watched, and here is on all of them.
            known.IsRecursive |= _unfinished.Contains(known);
            return known;
        }

        var conversion = new MembersConversion();
        _objects.Add((stored, declared), conversion);
        _unfinished.Add(conversion);
        var type = DeclaredOf(declared);
        var match = MemberMatch.Of(stored, declared, type.Members, _forms);
        foreach (var problem in match.Problems)
            Problem($"{(path.Length == 0 ? "" : $"in '{path}' ")}{problem}");
        var steps = new MemberStep[declared.Members.Count];
        for (var i = 0; i < steps.Length; i++)
            steps[i] = Step(path, i, stored, declared, match.Sources[i]);
        foreach (var lost in Enumerable.Range(0, stored.Members.Count).Except(match.Sources))
            Change($"member '{Join(path, stored.Members[lost].Name)}' ({stored.Members[lost].Schema}) is gone");
        conversion.Complete(declared.Name, stored.Members.Count, steps, type.IsValueType ? Written(path, type.Default) : [MessagePackCode.Nil]);
        _unfinished.Remove(conversion);
        return conversion;
    }

    private MemberStep Step(string path, int member, TypeSchema stored, TypeSchema declared, int source)
    {
        var (name, schema) = declared.Members[member];
        byte[] Default() => DeclaredOf(declared).DefaultOf(member);
        if (source < 0)
        {
            Change($"member '{Join(path, name)}' ({schema}) is new");
            return new MemberStep(-1, ValueConversion.None, Written(Join(path, name), Default));
        }

        if (stored.Members[source].Name != name)
            Change($"member '{Join(path, stored.Members[source].Name)}' is now called '{name}'");
        return new MemberStep(source, Plan(Join(path, name), stored.Members[source].Schema, schema, Default), []);
    }

    private ValueConversion Changed(string path, TypeSchema stored, TypeSchema declared, ValueConversion? conversion)
    {
        if (conversion is null)
            return Refuse(path, stored, declared);

        Change(Was(path, stored, declared));
        return conversion;
    }

    private ValueConversion Refuse(string path, TypeSchema stored, TypeSchema declared)
    {
        Problem($"{Was(path, stored, declared)}, which does not hold all values of that");
        return ValueConversion.None;
    }

    private byte[] Written(string path, Func<byte[]> write)
    {
        try
        {
            return write();
        }
        catch (StreamSerializationException error)
        {
            Problem($"'{path}' is not there in all values, and {error.Message} Give the constructor's parameters defaults that it takes");
            return [MessagePackCode.Nil];
        }
    }

    private void Change(string text) => _changes.Add(text);

    private void Problem(string text) => _problems.Add(text);

    private static DeclaredType DeclaredOf(TypeSchema schema) =>
        schema.Declared ?? throw new InvalidOperationException($"Older values can be read only as a type, but the schema {schema} is of none.");

    private static string Was(string path, TypeSchema stored, TypeSchema declared) =>
        path.Length == 0 ? $"it was {stored}, now {declared}" : $"'{path}' was {stored}, now {declared}";

    private static string Join(string path, string member) => path.Length == 0 ? member : $"{path}.{member}";

    private sealed class SameObjects : IEqualityComparer<(TypeSchema Stored, TypeSchema Declared)>
    {
        public static readonly SameObjects Instance = new();

        public bool Equals((TypeSchema Stored, TypeSchema Declared) x, (TypeSchema Stored, TypeSchema Declared) y) =>
            ReferenceEquals(x.Stored, y.Stored) && ReferenceEquals(x.Declared, y.Declared);

        public int GetHashCode((TypeSchema Stored, TypeSchema Declared) pair) =>
            System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(pair.Stored) ^ System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(pair.Declared);
    }
}
