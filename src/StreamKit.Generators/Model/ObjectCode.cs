using Microsoft.CodeAnalysis;

namespace StreamKit.Generators.Model;

/// <summary>Turns the members of a type into the code that writes, reads and makes it.</summary>
internal static class ObjectCode
{
    public static CodeModel Of(INamedTypeSymbol type, ObjectMembers members)
    {
        var parameters = TypeText.AllTypeParameters(type).ToList();
        return new CodeModel(
            TypeText.InCode(type),
            parameters.Count == 0 ? null : type.ConstructUnboundGenericType().ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
            type.Name,
            parameters.Count == 0 ? "" : $"<{string.Join(", ", parameters.Select(static p => TypeText.Identifier(p.Name)))}>",
            TypeText.Constraints(parameters),
            type.IsValueType,
            members.LeavesFieldsOut,
            new([.. members.Members.Select((m, i) => Member(m.Name, m.Type) with { Default = MemberDefault.Of(type, members, i), History = MemberHistory.Of(m.Symbol, members.ParameterOf(i)) })]),
            Construction(type, members));
    }

    public static CodeModel OfTuple(INamedTypeSymbol tuple, string text, IReadOnlyList<(string Name, ITypeSymbol Type)> items) => new(
        text,
        null,
        tuple.TupleUnderlyingType?.Name ?? tuple.Name,
        "",
        "",
        tuple.IsValueType,
        LeavesFieldsOut: false,
        new([.. items.Select(static item => Member(item.Name, item.Type))]),
        $"new {text}({string.Join(", ", items.Select(static (_, i) => $"m{i}"))})");

    private static MemberModel Member(string name, ITypeSymbol type)
    {
        var plain = KnownTypes.Plain(type);
        return new MemberModel(name, TypeText.Identifier(name), TypeText.InCode(type), plain?.Cast ?? "", plain?.ReadMethod, $"default({TypeText.InCode(type)})", "");
    }

    private static string Construction(INamedTypeSymbol type, ObjectMembers members)
    {
        var text = TypeText.InCode(type);
        var setsRequired = SetsRequired(members.Constructor);
        var setters = members.Members
            .Select((member, i) => (Member: member, Index: i))
            // The compiler wants required members named even where the constructor has set them.
            .Where(m => !members.Arguments.Contains(m.Index) || (m.Member.IsRequired && !setsRequired))
            .Select(static m => $"{TypeText.Identifier(m.Member.Name)} = m{m.Index}")
            .Concat(members.Constructor is null || setsRequired ? [] : LeftOut(type, members))
            .ToList();
        var initializer = setters.Count == 0 ? "" : $" {{ {string.Join(", ", setters)} }}";
        if (members.Constructor is not { } constructor)
            return setters.Count == 0 ? $"default({text})" : $"default({text}) with{initializer}";

        // The cast picks the overload that was chosen.
        var arguments = members.Arguments.Select((member, i) => $"({TypeText.InCode(constructor.Parameters[i].Type)})m{member}");
        return $"new {text}({string.Join(", ", arguments)}){initializer}";
    }

    public static bool SetsRequired(IMethodSymbol? constructor) =>
        constructor?.GetAttributes().Any(static a => a.AttributeClass?.Name == "SetsRequiredMembersAttribute") == true;

    /// <summary>Required members that are not carried: set to nothing, since they must be set.</summary>
    private static IEnumerable<string> LeftOut(INamedTypeSymbol type, ObjectMembers members)
    {
        for (var level = type; level is not null; level = level.BaseType)
        {
            foreach (var member in level.GetMembers().Where(m => m is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true }))
            {
                if (!members.Members.Any(m => m.Name == member.Name))
                    yield return $"{TypeText.Identifier(member.Name)} = default";
            }
        }
    }
}
