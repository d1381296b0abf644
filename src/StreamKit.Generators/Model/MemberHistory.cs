using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace StreamKit.Generators.Model;

/// <summary>What a type says of the past of a member: the attributes of the property or field, or of the constructor's parameter that takes it.</summary>
internal static class MemberHistory
{
    private const string Renamed = "StreamKit.RenamedFromAttribute";
    private const string New = "StreamKit.NewMemberAttribute";

    /// <summary>The initializer of the member's description; empty if nothing is said.</summary>
    public static string Of(ISymbol member, IParameterSymbol? parameter)
    {
        var parts = new List<string>();
        if (Names(Attribute(Renamed, member, parameter)) is { Count: > 0 } names)
            parts.Add($"FormerNames = new string[] {{ {string.Join(", ", names)} }}");
        if (Attribute(New, member, parameter) is not null)
            parts.Add("IsNew = true");
        return parts.Count == 0 ? "" : $" {{ {string.Join(", ", parts)} }}";
    }

    private static AttributeData? Attribute(string name, ISymbol member, IParameterSymbol? parameter) =>
        Attribute(name, member) ?? (parameter is null ? null : Attribute(name, parameter));

    private static AttributeData? Attribute(string name, ISymbol symbol) =>
        symbol.GetAttributes().FirstOrDefault(a => a.AttributeClass is { } type && TypeText.Definition(type) == name);

    private static List<string> Names(AttributeData? attribute) =>
        attribute?.ConstructorArguments is [{ Kind: TypedConstantKind.Array, IsNull: false } names]
            ? [.. names.Values.Select(static v => v.Value is string text ? SymbolDisplay.FormatLiteral(text, quote: true) : "null")]
            : [];
}
