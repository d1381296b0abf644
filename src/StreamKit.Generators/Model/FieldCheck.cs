using Microsoft.CodeAnalysis;

namespace StreamKit.Generators.Model;

/// <summary>Every field of a type and its bases must belong to a member that is carried, or be left out on purpose.</summary>
internal static class FieldCheck
{
    public static (bool LeavesFieldsOut, IReadOnlyList<ObjectProblem> Problems) Run(INamedTypeSymbol type, List<ObjectMember> carried, Compilation compilation)
    {
        var leavesOut = false;
        var problems = new List<ObjectProblem>();
        for (var level = type; level is not null && level.SpecialType is not (SpecialType.System_Object or SpecialType.System_ValueType); level = level.BaseType)
        {
            if (!SymbolEqualityComparer.Default.Equals(level, type) && Foreign(type, level, compilation) is { } foreign)
            {
                problems.Add(foreign);
                break;
            }

            var claimed = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (name, symbol) in Fields(level).OrderBy(static f => f.Name, StringComparer.Ordinal))
            {
                var isPublic = symbol is IFieldSymbol { DeclaredAccessibility: Accessibility.Public };
                var property = PropertyOf(name);
                if (carried.Any(m => Holds(name, isPublic, property, level, m)) && claimed.Add(isPublic ? name : property))
                    continue;

                if (ObjectMembers.IsIgnored(symbol) || level.GetMembers(property).OfType<IPropertySymbol>().Any(ObjectMembers.IsIgnored))
                    leavesOut = true;
                else
                    problems.Add(Lost(level, name, isPublic, property, !SymbolEqualityComparer.Default.Equals(level, type) && carried.Any(m => m.Name == property)));
            }
        }

        return (leavesOut, problems);
    }

    private static ObjectProblem? Foreign(INamedTypeSymbol type, INamedTypeSymbol level, Compilation compilation)
    {
        if (KnownTypes.IsOfTheFramework(level))
            return new(null, ProblemKind.Lost, $"the type '{TypeText.InMessage(type)}' derives from '{TypeText.InMessage(level)}', whose content would be lost. Keep that as a member.");

        return SymbolEqualityComparer.Default.Equals(level.ContainingAssembly, compilation.Assembly) ? null : new(null, ProblemKind.Unreachable,
            $"the type '{TypeText.InMessage(type)}' derives from '{TypeText.InMessage(level)}' of another assembly, whose private fields the compiler does not show. " +
            "Its serializer is made at run time; remove [StreamType], or declare the base in this assembly.");
    }

    /// <summary>All fields under the names that they have in the assembly: those behind properties, captured parameters and events too; the compiler lists all but the last.</summary>
    private static IEnumerable<(string Name, ISymbol Symbol)> Fields(INamedTypeSymbol level)
    {
        foreach (var member in level.GetMembers())
        {
            if (member is IFieldSymbol { IsStatic: false, IsConst: false } field)
                yield return (field.Name, field);
            else if (member is IEventSymbol { IsStatic: false, AddMethod.IsImplicitlyDeclared: true } happening)
                yield return (happening.Name, happening);
        }
    }

    /// <summary>Whether a field of one level of the type holds the value of a member: the member itself, or a property declared or overridden there.</summary>
    private static bool Holds(string field, bool isPublic, string property, INamedTypeSymbol level, ObjectMember member)
    {
        if (isPublic)
            return SymbolEqualityComparer.Default.Equals(member.Symbol.ContainingType, level) && member.Name == field;

        return member.Symbol is IPropertySymbol info
            && string.Equals(member.Name, property, StringComparison.OrdinalIgnoreCase)
            && IsSameOrBase(level, info.ContainingType)
            && IsSameOrBase(Original(info).ContainingType, level);
    }

    private static IPropertySymbol Original(IPropertySymbol property) => property.OverriddenProperty is { } original ? Original(original) : property;

    private static bool IsSameOrBase(INamedTypeSymbol? upper, INamedTypeSymbol? lower)
    {
        for (; lower is not null; lower = lower.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(lower, upper))
                return true;
        }

        return false;
    }

    private static ObjectProblem Lost(INamedTypeSymbol level, string field, bool isPublic, string property, bool isHidden)
    {
        if (isHidden)
            return new(property, ProblemKind.Lost, $"the value that '{TypeText.InMessage(level)}' keeps under this name is hidden by a member of the same name, so it would be lost. Rename one of them.");

        var what = field[0] == '<' ? $"'{property}' can be read but not set" : $"the {(isPublic ? "read-only" : "private")} field '{field}' belongs to no public member";
        return new(property, ProblemKind.Lost,
            $"{what}, so its value would be lost. Give it a public or 'init' setter or a constructor parameter named '{char.ToLowerInvariant(property[0])}{property.Substring(1)}', " +
            "or mark it [IgnoreDataMember] if it may be lost.");
    }

    /// <summary>The member that a field stands for by its name: 'Total' for &lt;Total&gt;k__BackingField, &lt;Total&gt;P, _total, m_total and total.</summary>
    private static string PropertyOf(string field)
    {
        if (field[0] == '<' && field.IndexOf('>') is var end and > 1)
            return field.Substring(1, end - 1);

        var name = field.StartsWith("m_", StringComparison.Ordinal) ? field.Substring(2) : field.TrimStart('_');
        return name.Length > 0 ? name : field;
    }
}
