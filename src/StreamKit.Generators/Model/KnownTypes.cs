using Microsoft.CodeAnalysis;

namespace StreamKit.Generators.Model;

/// <summary>The types that StreamKit serializes without looking at members: the tables ScalarTable and CollectionTable of the core, for symbols.</summary>
internal static class KnownTypes
{
    private const string Collections = "System.Collections.Generic.";
    private const string Immutable = "System.Collections.Immutable.";
    private const string ImmutableArray = Immutable + "ImmutableArray`1";

    private static readonly HashSet<string> _scalars =
    [
        "System.Boolean", "System.SByte", "System.Int16", "System.Int32", "System.Int64", "System.Int128", "System.Byte", "System.UInt16", "System.UInt32", "System.UInt64",
        "System.UInt128", "System.Numerics.BigInteger", "System.Char", "System.Text.Rune", "System.String", "System.Guid", "System.TimeSpan", "System.DateOnly", "System.TimeOnly",
        "System.Half", "System.Single", "System.Double", "System.Decimal", "System.DateTime", "System.DateTimeOffset", "System.Uri", "System.Version",
    ];

    private static readonly HashSet<string> _noKeys = ["System.DateTime", "System.Uri", "System.Version"];

    private static readonly HashSet<string> _sequences =
    [
        Collections + "List`1", Collections + "IEnumerable`1", Collections + "ICollection`1", Collections + "IList`1", Collections + "IReadOnlyCollection`1",
        Collections + "IReadOnlyList`1", Collections + "ISet`1", Collections + "IReadOnlySet`1", Collections + "HashSet`1", Collections + "SortedSet`1", Collections + "Queue`1",
        Collections + "Stack`1", Collections + "LinkedList`1", ImmutableArray, Immutable + "ImmutableList`1", Immutable + "ImmutableHashSet`1",
    ];

    private static readonly HashSet<string> _maps =
    [
        Collections + "Dictionary`2", Collections + "IDictionary`2", Collections + "IReadOnlyDictionary`2", Collections + "SortedDictionary`2", Immutable + "ImmutableDictionary`2",
    ];

    /// <summary>Whether a type is one value.</summary>
    public static bool IsScalar(ITypeSymbol type) => IsBytes(type) || _scalars.Contains(TypeText.Definition(type));

    /// <summary>Whether a type is one value that can be stored but not be a key.</summary>
    public static bool IsScalarButNoKey(ITypeSymbol type) => IsBytes(type) || _noKeys.Contains(TypeText.Definition(type));

    /// <summary>The element of a sequence; null if the type is none.</summary>
    public static ITypeSymbol? Element(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { IsSZArray: true, ElementType: { TypeKind: not (TypeKind.Pointer or TypeKind.FunctionPointer) } element } => element,
        INamedTypeSymbol { TypeArguments: [var only] } when _sequences.Contains(TypeText.Definition(type)) => only,
        _ => null,
    };

    public static bool IsImmutableArray(ITypeSymbol type) => TypeText.Definition(type) == ImmutableArray;

    /// <summary>Key and value of a map; null if the type is none.</summary>
    public static (ITypeSymbol Key, ITypeSymbol Value)? Pair(ITypeSymbol type) =>
        type is INamedTypeSymbol { TypeArguments: [var key, var value] } && _maps.Contains(TypeText.Definition(type)) ? (key, value) : null;

    /// <summary>The members of a tuple or a pair of .NET in wire order, which is that of its constructor too; null if the type is none.</summary>
    public static IReadOnlyList<(string Name, ITypeSymbol Type)>? TupleItems(INamedTypeSymbol type)
    {
        var plain = type.TupleUnderlyingType ?? type;
        var arguments = plain.TypeArguments;
        var definition = TypeText.Definition(plain);
        if (definition == Collections + "KeyValuePair`2")
            return [("Key", arguments[0]), ("Value", arguments[1])];

        return arguments.Length > 0 && (definition.StartsWith("System.ValueTuple`", StringComparison.Ordinal) || definition.StartsWith("System.Tuple`", StringComparison.Ordinal))
            ? [.. arguments.Select((argument, i) => (i == 7 ? "Rest" : $"Item{i + 1}", argument))]
            : null;
    }

    /// <summary>How writer and reader serve a type themselves: what it is cast to, and the reader's method; null if they do not.</summary>
    public static (string Cast, string ReadMethod)? Plain(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Boolean => ("", "ReadBoolean"),
        SpecialType.System_SByte => ("(long)", "ReadSByte"),
        SpecialType.System_Int16 => ("(long)", "ReadInt16"),
        SpecialType.System_Int32 => ("(long)", "ReadInt32"),
        SpecialType.System_Int64 => ("", "ReadInt64"),
        SpecialType.System_Byte => ("(ulong)", "ReadByte"),
        SpecialType.System_UInt16 => ("(ulong)", "ReadUInt16"),
        SpecialType.System_UInt32 => ("(ulong)", "ReadUInt32"),
        SpecialType.System_UInt64 => ("", "ReadUInt64"),
        SpecialType.System_Single => ("", "ReadSingle"),
        SpecialType.System_Double => ("", "ReadDouble"),
        SpecialType.System_String => ("", "ReadString"),
        _ => null,
    };

    public static bool IsOfTheFramework(ITypeSymbol type)
    {
        var space = type.ContainingNamespace?.ToDisplayString() ?? "";
        return space == "System" || space.StartsWith("System.", StringComparison.Ordinal) || space.StartsWith("Microsoft.", StringComparison.Ordinal);
    }

    private static bool IsBytes(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { IsSZArray: true, ElementType.SpecialType: SpecialType.System_Byte } => true,
        INamedTypeSymbol { TypeArguments: [{ SpecialType: SpecialType.System_Byte }] } => TypeText.Definition(type) is "System.Memory`1" or "System.ReadOnlyMemory`1",
        _ => false,
    };
}
