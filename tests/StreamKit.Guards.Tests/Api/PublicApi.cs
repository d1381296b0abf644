using Microsoft.CodeAnalysis;

namespace StreamKit.Guards.Tests;

/// <summary>Renders what an assembly promises to others: one line for each type and member that code outside can reach.</summary>
internal static class PublicApi
{
    private static readonly SymbolDisplayFormat _typeFormat = new(
        SymbolDisplayGlobalNamespaceStyle.Omitted,
        SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeVariance | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly SymbolDisplayFormat _referenceFormat = _typeFormat.WithGenericsOptions(SymbolDisplayGenericsOptions.IncludeTypeParameters);

    private static readonly SymbolDisplayFormat _memberFormat = _typeFormat
        .WithMemberOptions(SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeContainingType)
        .WithParameterOptions(
            SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeParamsRefOut
            | SymbolDisplayParameterOptions.IncludeExtensionThis | SymbolDisplayParameterOptions.IncludeDefaultValue);

    /// <summary>The public and protected types and members of an assembly, each as one line, in ordinal order.</summary>
    public static IReadOnlyList<string> Render(IAssemblySymbol assembly) =>
        [.. Symbols(assembly).Select(Line).Order(StringComparer.Ordinal)];

    /// <summary>The same as symbols, without accessors: their property or event speaks for them.</summary>
    public static IEnumerable<ISymbol> Symbols(IAssemblySymbol assembly) =>
        Types(assembly.GlobalNamespace).SelectMany(type => Members(type).Prepend(type));

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol container)
    {
        foreach (var member in container.GetMembers().OfType<INamespaceOrTypeSymbol>())
        {
            if (member is INamedTypeSymbol type)
            {
                if (!IsReachable(type))
                {
                    continue;
                }

                yield return type;
            }

            foreach (var nested in Types(member))
            {
                yield return nested;
            }
        }
    }

    private static IEnumerable<ISymbol> Members(INamedTypeSymbol type) =>
        type.TypeKind == TypeKind.Delegate
            ? []
            : type.GetMembers().Where(member =>
                member is not INamedTypeSymbol
                && IsReachable(member)
                && member is not IMethodSymbol { AssociatedSymbol: not null }
                && member is not IFieldSymbol { Name: "value__" }
                && !member.Name.Contains('<', StringComparison.Ordinal)
                && !(member is IMethodSymbol { MethodKind: MethodKind.Constructor, Parameters.IsEmpty: true } && type.IsValueType));

    private static bool IsReachable(ISymbol symbol) => symbol.DeclaredAccessibility switch
    {
        Accessibility.Public => true,
        Accessibility.Protected or Accessibility.ProtectedOrInternal => symbol.ContainingType is null or { IsSealed: false },
        _ => false,
    };

    private static string Line(ISymbol symbol) => symbol switch
    {
        INamedTypeSymbol { TypeKind: TypeKind.Delegate, DelegateInvokeMethod: { } invoke } type =>
            $"{type.ToDisplayString(_typeFormat)}({Parameters(invoke)}) -> {Result(invoke.ReturnType, invoke.RefKind)} [delegate]",
        INamedTypeSymbol type => $"{type.ToDisplayString(_typeFormat)} [{TypeModifiers(type)}]{Bases(type)}",
        IFieldSymbol { ContainingType.TypeKind: TypeKind.Enum } field => $"{field.ToDisplayString(_memberFormat)} = {field.ConstantValue}",
        IFieldSymbol field => $"{field.ToDisplayString(_memberFormat)}{Constant(field)} -> {field.Type.ToDisplayString(_referenceFormat)}{Modifiers(field)}",
        IPropertySymbol property =>
            $"{property.ToDisplayString(_memberFormat)} {{ {Accessors(property)} }} -> {Result(property.Type, property.RefKind)}{Modifiers(property)}",
        IMethodSymbol { MethodKind: MethodKind.Constructor } constructor => $"{constructor.ToDisplayString(_memberFormat)}{Modifiers(constructor)}",
        IMethodSymbol method => $"{method.ToDisplayString(_memberFormat)} -> {Result(method.ReturnType, method.RefKind)}{Modifiers(method)}",
        IEventSymbol happening => $"{happening.ToDisplayString(_memberFormat)} -> {happening.Type.ToDisplayString(_referenceFormat)}{Modifiers(happening, "event")}",
        _ => throw new InvalidOperationException($"'{symbol}' is a {symbol.Kind}, which has no rendering."),
    };

    private static string Parameters(IMethodSymbol method) => string.Join(", ", method.Parameters.Select(parameter => parameter.ToDisplayString(_memberFormat)));

    private static string Result(ITypeSymbol type, RefKind kind) => kind switch
    {
        RefKind.Ref => "ref ",
        RefKind.RefReadOnly => "ref readonly ",
        _ => "",
    } + type.ToDisplayString(_referenceFormat);

    private static string Constant(IFieldSymbol field) => field.HasConstantValue
        ? " = " + (field.ConstantValue is string text ? $"\"{text}\"" : Convert.ToString(field.ConstantValue, System.Globalization.CultureInfo.InvariantCulture) ?? "null")
        : "";

    private static string Accessors(IPropertySymbol property)
    {
        var accessors = new[] { property.GetMethod, property.SetMethod }.Where(accessor => accessor is not null && IsReachable(accessor));

        return string.Join(' ', accessors.Select(accessor =>
            (accessor!.DeclaredAccessibility == property.DeclaredAccessibility ? "" : "protected ")
            + (accessor.MethodKind == MethodKind.PropertyGet ? "get;" : accessor.IsInitOnly ? "init;" : "set;")));
    }

    private static string TypeModifiers(INamedTypeSymbol type)
    {
        List<string> words = [];
        Add(words, type.DeclaredAccessibility != Accessibility.Public, "protected");
        Add(words, type.IsStatic, "static");
        Add(words, type is { TypeKind: TypeKind.Class, IsAbstract: true, IsStatic: false }, "abstract");
        Add(words, type is { TypeKind: TypeKind.Class, IsSealed: true, IsStatic: false }, "sealed");
        Add(words, type.IsReadOnly, "readonly");
        Add(words, type.IsRefLikeType, "ref");
        Add(words, type.IsRecord, "record");
        words.Add(type.TypeKind switch { TypeKind.Struct => "struct", TypeKind.Interface => "interface", TypeKind.Enum => "enum", _ => "class" });

        return string.Join(' ', words);
    }

    private static string Bases(INamedTypeSymbol type)
    {
        if (type.TypeKind == TypeKind.Enum)
        {
            return $" : {type.EnumUnderlyingType!.ToDisplayString(_referenceFormat)}";
        }

        var bases = type.Interfaces.Where(IsReachable).Select(one => one.ToDisplayString(_referenceFormat)).Order(StringComparer.Ordinal);
        if (type.BaseType is { SpecialType: not SpecialType.System_Object and not SpecialType.System_ValueType } parent)
        {
            bases = bases.Prepend(parent.ToDisplayString(_referenceFormat)).Order(StringComparer.Ordinal);
        }

        var list = string.Join(", ", bases);

        return list.Length == 0 ? "" : $" : {list}";
    }

    private static string Modifiers(ISymbol symbol, string? kind = null)
    {
        List<string> words = [];
        Add(words, symbol.DeclaredAccessibility != Accessibility.Public, "protected");
        Add(words, symbol.IsStatic, "static");
        Add(words, symbol.IsAbstract && symbol.ContainingType.TypeKind != TypeKind.Interface, "abstract");
        Add(words, symbol.IsVirtual, "virtual");
        Add(words, symbol.IsSealed, "sealed");
        Add(words, symbol.IsOverride, "override");
        Add(words, symbol is IFieldSymbol { IsConst: true }, "const");
        Add(words, symbol is IFieldSymbol { IsReadOnly: true } or IMethodSymbol { IsReadOnly: true, ContainingType.IsReadOnly: false }, "readonly");
        Add(words, symbol is IFieldSymbol { IsRequired: true } or IPropertySymbol { IsRequired: true }, "required");
        Add(words, kind is not null, kind!);

        return words.Count == 0 ? "" : $" [{string.Join(' ', words)}]";
    }

    private static void Add(List<string> words, bool condition, string word)
    {
        if (condition)
        {
            words.Add(word);
        }
    }
}
