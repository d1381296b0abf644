using Microsoft.CodeAnalysis;
using StreamKit.Generators.Model;

namespace StreamKit.Generators.Analyzers;

/// <summary>Which types can be keys: the rules of KeyRules in the core, for symbols. Used once.</summary>
internal sealed class KeyCheck(Compilation compilation)
{
    private const string Remedy = "Key by a string, a number or a tuple of the members instead.";

    private readonly HashSet<ITypeSymbol> _seen = new(SymbolEqualityComparer.Default);

    /// <summary>The first thing that stands against keys of a type, with its path and the remedy; null if nothing.</summary>
    public string? Problem(ITypeSymbol type) => Visit(type, TypeText.InMessage(type));

    private string? Visit(ITypeSymbol type, string path)
    {
        if (type is ITypeParameterSymbol or IErrorTypeSymbol || !_seen.Add(type))
            return null;

        var name = TypeText.InMessage(type);
        if (type.SpecialType == SpecialType.System_DateTime)
            return $"'{path}': the type 'DateTime' may be of unknown kind, so that equal times are different instants. Key by a 'DateTimeOffset', or by its 'Ticks'.";
        if (KnownTypes.IsScalarButNoKey(type))
            return $"'{path}': the type '{name}' has an equality that differs from that of its bytes. {Remedy}";
        if (KnownTypes.IsScalar(type) || type.TypeKind == TypeKind.Enum)
            return null;
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments: [var value] })
            return Visit(value, path);
        if (KnownTypes.Element(type) is not null || KnownTypes.Pair(type) is not null)
            return $"'{path}': the collection '{name}' is not equal to another one with the same content. {Remedy}";
        if (TypeWalk.Refusal(type) is { } refusal)
            return $"'{path}': {refusal} {Remedy}";

        return type is INamedTypeSymbol named ? Object(named, path) : null;
    }

    private string? Object(INamedTypeSymbol type, string path)
    {
        if (KnownTypes.TupleItems(type) is { } items)
        {
            return type.Name == "KeyValuePair" ? $"'{path}': the type '{TypeText.InMessage(type)}' has no equality of its own. Key by a tuple instead."
                : First(items, path);
        }

        if (EqualityProblem(type) is { } equality)
            return $"'{path}': {equality}";

        var members = ObjectMembers.Of(type, compilation);
        if (members.LeavesFieldsOut)
            return $"'{path}': the type '{TypeText.InMessage(type)}' leaves members out, which its 'Equals' compares. {Remedy}";

        return members.Problems.FirstOrDefault(static p => p.Kind != ProblemKind.Unreachable) is { } problem
            ? $"'{path}{(problem.Member is null ? "" : "." + problem.Member)}': {problem.Text} {Remedy}"
            : First(members.Members.Select(static m => (m.Name, m.Type)), path);
    }

    private string? First(IEnumerable<(string Name, ITypeSymbol Type)> parts, string path) =>
        parts.Select(part => Visit(part.Type, $"{path}.{part.Name}")).FirstOrDefault(static problem => problem is not null);

    private static string? EqualityProblem(INamedTypeSymbol type)
    {
        for (var level = type; level is not null && level.SpecialType is not (SpecialType.System_Object or SpecialType.System_ValueType); level = level.BaseType)
        {
            var name = TypeText.InMessage(level);
            var equals = level.GetMembers("Equals").OfType<IMethodSymbol>()
                .FirstOrDefault(m => m.DeclaredAccessibility == Accessibility.Public && m.Parameters is [{ Type: var parameter }] && SymbolEqualityComparer.Default.Equals(parameter, level));
            if (equals is null)
                return $"the {(type.IsValueType ? "struct" : "class")} '{name}' is no record, so keys with the same members are not surely equal. Make it a '{(type.IsValueType ? "record struct" : "record")}', or key by a tuple of its members.";

            // A record's own Equals compares all fields.
            if (!equals.IsImplicitlyDeclared && !equals.GetAttributes().Any(static a => a.AttributeClass?.Name == "CompilerGeneratedAttribute"))
                return $"the type '{name}' has an 'Equals' of its own, which may take keys for equal whose bytes differ. {Remedy}";
        }

        return null;
    }
}
