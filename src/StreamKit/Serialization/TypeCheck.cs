namespace StreamKit.Serialization;

/// <summary>Walks a type with everything in it and collects all that stands against serializing it. Used once.</summary>
/// <param name="scalars">The scalars known where the type is to be used.</param>
/// <param name="isCustom">Whether a serializer is registered for a type.</param>
/// <param name="generated">What generated code knows of a type; null if nothing.</param>
/// <param name="asKey">Whether the type is to be a key, so that the rules of keys hold too.</param>
internal sealed class TypeCheck(ScalarTable scalars, Func<Type, bool> isCustom, Func<Type, TypeShape?> generated, bool asKey)
{
    // A generic type that contains itself with ever more arguments never ends.
    private const int MaxLevels = 64;

    private readonly HashSet<Type> _seen = [];
    private readonly List<string> _problems = [];

    /// <summary>All problems, each with the path of the member from the type, what is wrong and the remedy; none if the type can be serialized.</summary>
    public IReadOnlyList<string> Run(Type type)
    {
        Visit(type, TypeName.Of(type), 0);
        return _problems;
    }

    private void Visit(Type type, string path, int level)
    {
        if (!_seen.Add(type))
            return;

        if (level > MaxLevels)
        {
            _problems.Add($"'{path}': types nest deeper than {MaxLevels} levels, most likely without end. Use a type that contains itself with the same type arguments.");
            return;
        }

        if (asKey && KeyRules.ScalarProblem(type) is { } scalar)
        {
            _problems.Add($"'{path}': {scalar}");
            return;
        }

        var found = new List<(string Member, string Text)>();
        var shape = TypeShape.Of(type, scalars, isCustom, generated, found);
        var remedy = asKey ? KeyRules.Remedy : $"Or register a custom serializer for '{TypeName.Of(type)}'.";
        foreach (var (member, text) in found)
            _problems.Add($"'{path}{(member.Length == 0 ? "" : ".")}{member}': {text} {remedy}");

        if (shape is null)
            return;

        if (asKey && found.Count == 0 && KeyRules.Problem(shape) is { } problem)
        {
            _problems.Add($"'{path}': {problem}");
            return;
        }

        for (var i = 0; i < shape.Parts.Count; i++)
            Visit(shape.Parts[i], path + Step(shape, i), level + 1);
    }

    private static string Step(TypeShape shape, int part) => shape.Kind switch
    {
        ShapeKind.Sequence => "[]",
        ShapeKind.Map => part == 0 ? "[key]" : "[value]",
        ShapeKind.Object => "." + shape.MemberNames[part],
        _ => "",
    };
}
