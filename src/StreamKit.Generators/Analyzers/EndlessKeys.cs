using Microsoft.CodeAnalysis;
using StreamKit.Generators.Model;

namespace StreamKit.Generators.Analyzers;

/// <summary>Of which types there are more values than anybody could keep state for. Pure.</summary>
internal static class EndlessKeys
{
    /// <summary>Deeper types do not occur as keys, and those that contain themselves would have no end.</summary>
    private const int DeepestMember = 4;

    public static bool AreThere(ITypeSymbol key) => AreThere(key, 0);

    private static bool AreThere(ITypeSymbol type, int depth)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments: [var value] })
            return AreThere(value, depth);
        if (type.TypeKind == TypeKind.Enum)
            return false;
        return type.SpecialType switch
        {
            SpecialType.System_Boolean or SpecialType.System_Byte or SpecialType.System_SByte or SpecialType.System_Int16 or SpecialType.System_UInt16 or SpecialType.System_Char => false,
            SpecialType.System_String or SpecialType.System_Int32 or SpecialType.System_UInt32 or SpecialType.System_Int64 or SpecialType.System_UInt64 or SpecialType.System_Decimal
                or SpecialType.System_Single or SpecialType.System_Double => true,
            _ => type is INamedTypeSymbol named && (KnownTypes.IsScalar(named) ? !IsFew(named) : depth < DeepestMember && Members(named).Any(member => AreThere(member, depth + 1))),
        };
    }

    // There is a day and a time of day for everybody, but not one more with each customer.
    private static bool IsFew(INamedTypeSymbol scalar) => TypeText.Definition(scalar) is "System.DateOnly" or "System.TimeOnly" or "System.Text.Rune" or "System.Half";

    private static IEnumerable<ITypeSymbol> Members(INamedTypeSymbol type) => type.IsTupleType
        ? type.TupleElements.Select(static item => item.Type)
        : type.GetMembers().OfType<IPropertySymbol>().Where(static each => !each.IsStatic && each.DeclaredAccessibility == Accessibility.Public).Select(static each => each.Type)
            .Concat(type.GetMembers().OfType<IFieldSymbol>().Where(static each => !each.IsStatic && each.DeclaredAccessibility == Accessibility.Public).Select(static each => each.Type));
}
