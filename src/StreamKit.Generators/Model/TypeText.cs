using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace StreamKit.Generators.Model;

/// <summary>How types stand in generated code and in messages.</summary>
internal static class TypeText
{
    private static readonly SymbolDisplayFormat _code = SymbolDisplayFormat.FullyQualifiedFormat
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.ExpandValueTuple);

    /// <summary>In code: fully qualified, tuples without their names, so that one type has one text.</summary>
    public static string InCode(ITypeSymbol type) => type.TypeKind == TypeKind.Dynamic ? "object" : type.ToDisplayString(_code);

    /// <summary>In messages: as a programmer writes it.</summary>
    public static string InMessage(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);

    /// <summary>Namespace and name with the number of type parameters, such as <c>System.Collections.Generic.List`1</c>; empty for arrays and the like.</summary>
    public static string Definition(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol || type.ContainingType is not null)
            return "";

        var space = type.ContainingNamespace is { IsGlobalNamespace: false } named ? named.ToDisplayString() + "." : "";
        return space + type.OriginalDefinition.MetadataName;
    }

    /// <summary>A member's name, escaped where it is a keyword.</summary>
    public static string Identifier(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    /// <summary>The type parameters of a type and of those that it is nested in, outermost first.</summary>
    public static IEnumerable<ITypeParameterSymbol> AllTypeParameters(INamedTypeSymbol type) =>
        type.ContainingType is { } outer ? AllTypeParameters(outer).Concat(type.TypeParameters) : type.TypeParameters;

    /// <summary>The type arguments of a type and of those that it is nested in, outermost first.</summary>
    public static IEnumerable<ITypeSymbol> AllTypeArguments(INamedTypeSymbol type) =>
        type.ContainingType is { } outer ? AllTypeArguments(outer).Concat(type.TypeArguments) : type.TypeArguments;

    public static bool HasTypeParameter(ITypeSymbol type) => type switch
    {
        ITypeParameterSymbol => true,
        IArrayTypeSymbol array => HasTypeParameter(array.ElementType),
        INamedTypeSymbol named => AllTypeArguments(named).Any(HasTypeParameter),
        _ => false,
    };

    /// <summary>The <c>where</c> clauses that another type with the same type parameters must repeat.</summary>
    public static string Constraints(IEnumerable<ITypeParameterSymbol> parameters) => string.Concat(parameters.Select(Constraint));

    private static string Constraint(ITypeParameterSymbol parameter)
    {
        var words = new List<string>();
        if (parameter.HasUnmanagedTypeConstraint)
            words.Add("unmanaged");
        else if (parameter.HasValueTypeConstraint)
            words.Add("struct");
        else if (parameter.HasReferenceTypeConstraint)
            words.Add("class");
        else if (parameter.HasNotNullConstraint)
            words.Add("notnull");

        words.AddRange(parameter.ConstraintTypes.Select(InCode));
        if (parameter.HasConstructorConstraint)
            words.Add("new()");

        return words.Count == 0 ? "" : $" where {Identifier(parameter.Name)} : {string.Join(", ", words)}";
    }
}
