using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace StreamKit.Generators.Model;

/// <summary>
/// What a member is in an object made without it, as an expression. The rules are those of MemberDefaults in the core: a constructor's parameter has its default,
/// a required member the default of its type, any other one what it is in an object made from the defaults of the constructor's parameters.
/// </summary>
internal static class MemberDefault
{
    public static string Of(INamedTypeSymbol type, ObjectMembers members, int member)
    {
        var found = members.Members[member];
        if (members.ParameterOf(member) is { } parameter)
            return Value(parameter, found.Type);

        return found.IsRequired ? $"default({TypeText.InCode(found.Type)})" : $"{New(type, members.Constructor)}.{TypeText.Identifier(found.Name)}";
    }

    private static string New(INamedTypeSymbol type, IMethodSymbol? constructor)
    {
        var arguments = constructor?.Parameters.Select(static p => $"({TypeText.InCode(p.Type)})({Value(p, p.Type)})") ?? [];
        var required = ObjectCode.SetsRequired(constructor) ? [] : Required(type).Distinct(StringComparer.Ordinal).Select(static name => $"{name} = default").ToList();
        return $"new {TypeText.InCode(type)}({string.Join(", ", arguments)}){(required.Count == 0 ? "" : $" {{ {string.Join(", ", required)} }}")}";
    }

    private static IEnumerable<string> Required(INamedTypeSymbol type)
    {
        for (var level = type; level is not null; level = level.BaseType)
        {
            foreach (var member in level.GetMembers().Where(static m => m is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true }))
                yield return TypeText.Identifier(member.Name);
        }
    }

    /// <summary>A parameter's default as a value of a type; the type's own if it has none, or one that the type does not hold.</summary>
    private static string Value(IParameterSymbol parameter, ITypeSymbol type)
    {
        var none = $"default({TypeText.InCode(type)})";
        if (!parameter.HasExplicitDefaultValue || parameter.ExplicitDefaultValue is not { } value)
            return none;

        var plain = parameter.Type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments: [var inner] } ? inner : parameter.Type;
        // The text of the constant, then its type, then the member's.
        return plain.SpecialType == SpecialType.System_Object ? none : $"({TypeText.InCode(type)})({TypeText.InCode(plain)})({Literal(value)})";
    }

    private static string Literal(object value) => value switch
    {
        double.NaN => "double.NaN",
        double.PositiveInfinity => "double.PositiveInfinity",
        double.NegativeInfinity => "double.NegativeInfinity",
        float.NaN => "float.NaN",
        float.PositiveInfinity => "float.PositiveInfinity",
        float.NegativeInfinity => "float.NegativeInfinity",
        double number => number.ToString("R", CultureInfo.InvariantCulture) + "D",
        float number => number.ToString("R", CultureInfo.InvariantCulture) + "F",
        decimal number => number.ToString(CultureInfo.InvariantCulture) + "m",
        _ => SymbolDisplay.FormatPrimitive(value, quoteStrings: true, useHexadecimalNumbers: false),
    };
}
