using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace StreamKit.Generators.Model;

/// <summary>One member of an object: a public property or field.</summary>
internal sealed record ObjectMember(string Name, ITypeSymbol Type, ISymbol Symbol, bool IsSettable, bool IsRequired);

/// <summary>What is wrong with a type itself.</summary>
/// <param name="Member">The member, or null.</param>
/// <param name="Kind">What kind of problem it is.</param>
/// <param name="Text">The problem and its remedy.</param>
internal sealed record ObjectProblem(string? Member, ProblemKind Kind, string Text);

/// <summary>
/// The members of a class, record or struct and how to make it again. The rules are those of ObjectShape in the core, which goes by reflection:
/// members in ordinal order, and the public constructor that, with the setters, carries the most of them.
/// </summary>
internal sealed class ObjectMembers
{
    private ObjectMembers(IReadOnlyList<ObjectMember> members, IMethodSymbol? constructor, IReadOnlyList<int> arguments, bool leavesFieldsOut, IReadOnlyList<ObjectProblem> problems)
    {
        Members = members;
        Constructor = constructor;
        Arguments = arguments;
        LeavesFieldsOut = leavesFieldsOut;
        Problems = problems;
    }

    /// <summary>Those that are carried, in wire order.</summary>
    public IReadOnlyList<ObjectMember> Members { get; }

    /// <summary>Null for a struct made from its default.</summary>
    public IMethodSymbol? Constructor { get; }

    /// <summary>For each parameter of the constructor, the member that it takes.</summary>
    public IReadOnlyList<int> Arguments { get; }

    /// <summary>The parameter of the constructor that takes a member; null if none does.</summary>
    public IParameterSymbol? ParameterOf(int member)
    {
        for (var i = 0; i < Arguments.Count; i++)
        {
            if (Arguments[i] == member)
                return Constructor?.Parameters[i];
        }

        return null;
    }

    public bool LeavesFieldsOut { get; }

    public IReadOnlyList<ObjectProblem> Problems { get; }

    public static ObjectMembers Of(INamedTypeSymbol type, Compilation compilation)
    {
        var members = FindMembers(type);
        if (FindConstructor(type, members, compilation) is not var (constructor, arguments))
            return new ObjectMembers(members, null, [], false, [NoConstructor(type)]);

        var carried = members.Where((m, i) => m.IsSettable || arguments.Contains(i)).ToList();
        var (leavesOut, problems) = FieldCheck.Run(type, carried, compilation);
        return new ObjectMembers(carried, constructor, [.. arguments.Select(a => carried.IndexOf(members[a]))], leavesOut, problems);
    }

    public static bool IsIgnored(ISymbol symbol) =>
        symbol.GetAttributes().Any(static a => a.AttributeClass is { } c && TypeText.Definition(c) is "System.Runtime.Serialization.IgnoreDataMemberAttribute" or "System.NonSerializedAttribute");

    private static ObjectProblem NoConstructor(INamedTypeSymbol type) => new(null, ProblemKind.Unmakeable,
        $"the type '{TypeText.InMessage(type)}' cannot be made again: it has no public constructor whose parameters all have the name and type of a public member. " +
        "Add one; without parameters is fine, with public or 'init' setters.");

    private static List<ObjectMember> FindMembers(INamedTypeSymbol type)
    {
        var properties = new List<ObjectMember>();
        var fields = new List<ObjectMember>();
        var overridden = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        for (var level = type; level is not null && level.SpecialType is not (SpecialType.System_Object or SpecialType.System_ValueType); level = level.BaseType)
        {
            foreach (var member in level.GetMembers().Where(static m => !m.IsStatic))
            {
                switch (member)
                {
                    case IPropertySymbol property:
                        if (property.OverriddenProperty is { } original)
                            overridden.Add(original);
                        if (!overridden.Contains(property) && IsReadable(property) && !IsIgnored(property))
                            properties.Add(new ObjectMember(property.Name, property.Type, property, property.SetMethod is { DeclaredAccessibility: Accessibility.Public }, property.IsRequired));
                        break;
                    case IFieldSymbol { DeclaredAccessibility: Accessibility.Public, IsConst: false } field when !IsIgnored(field):
                        fields.Add(new ObjectMember(field.Name, field.Type, field, !field.IsReadOnly, field.IsRequired));
                        break;
                }
            }
        }

        // Of members that hide each other the most derived comes first; whether that loses anything shows at the fields.
        return [.. properties.Concat(fields).GroupBy(static m => m.Name, StringComparer.Ordinal).Select(static g => g.First()).OrderBy(static m => m.Name, StringComparer.Ordinal)];
    }

    private static bool IsReadable(IPropertySymbol property) =>
        property is { GetMethod.DeclaredAccessibility: Accessibility.Public, Parameters.IsEmpty: true, RefKind: RefKind.None };

    private static (IMethodSymbol? Constructor, IReadOnlyList<int> Arguments)? FindConstructor(INamedTypeSymbol type, List<ObjectMember> members, Compilation compilation)
    {
        IMethodSymbol? best = null;
        IReadOnlyList<int> bestArguments = [];
        var bestCarried = type.IsValueType ? members.Count(static m => m.IsSettable) : -1;
        foreach (var constructor in type.InstanceConstructors.Where(static c => c.DeclaredAccessibility == Accessibility.Public))
        {
            List<int> arguments = [.. constructor.Parameters.Select(p => FindMember(p, members, compilation))];
            if (arguments.Contains(-1) || arguments.Distinct().Count() != arguments.Count)
                continue;

            var carried = members.Where((m, i) => m.IsSettable || arguments.Contains(i)).Count();
            if (carried > bestCarried || (carried == bestCarried && arguments.Count > bestArguments.Count))
                (best, bestArguments, bestCarried) = (constructor, arguments, carried);
        }

        return bestCarried < 0 ? null : (best, bestArguments);
    }

    private static int FindMember(IParameterSymbol parameter, List<ObjectMember> members, Compilation compilation)
    {
        var found = -1;
        for (var i = 0; i < members.Count; i++)
        {
            if (parameter.RefKind != RefKind.None || !string.Equals(parameter.Name, members[i].Name, StringComparison.OrdinalIgnoreCase) || !Takes(parameter.Type, members[i].Type, compilation))
                continue;

            if (found < 0 || parameter.Name == members[i].Name)
                found = i;
        }

        return found;
    }

    private static bool Takes(ITypeSymbol parameter, ITypeSymbol member, Compilation compilation)
    {
        var conversion = compilation.ClassifyConversion(member, parameter);
        return conversion.IsIdentity
            || (conversion.IsImplicit && !conversion.IsUserDefined && (conversion.IsReference || conversion.IsBoxing))
            || (conversion is { IsImplicit: true, IsNullable: true } && parameter is INamedTypeSymbol { TypeArguments: [var underlying] } && SymbolEqualityComparer.Default.Equals(underlying, member));
    }
}
