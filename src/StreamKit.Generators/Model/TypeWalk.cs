using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace StreamKit.Generators.Model;

/// <summary>What stands against a type or something in it.</summary>
/// <param name="Kind">What kind of problem it is.</param>
/// <param name="Place">The member of the type with the attribute, or that type itself.</param>
/// <param name="Text">The path of the member, the problem and its remedy.</param>
internal sealed record WalkProblem(ProblemKind Kind, ISymbol Place, string Text);

/// <summary>
/// Walks a type with the attribute and everything in it, and collects the code to make and all that stands against it.
/// The ways are those of TypeShape in the core. Used once.
/// </summary>
internal sealed class TypeWalk(Compilation compilation, CancellationToken cancellationToken)
{
    public const string AttributeName = "StreamKit.StreamTypeAttribute";

    // A generic type that contains itself with ever more arguments never ends.
    private const int MaxLevels = 64;

    private readonly HashSet<ITypeSymbol> _seen = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<string, CodeModel?> _codes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ShapeModel> _shapes = new(StringComparer.Ordinal);
    private readonly List<WalkProblem> _problems = [];
    private ISymbol? _place;

    public IReadOnlyList<WalkProblem> Problems => _problems;

    /// <summary>Walks the type with the attribute; a generic one as it stands, its type parameters left open.</summary>
    public StreamTypeModel Run(INamedTypeSymbol root)
    {
        _place = root;
        Visit(root, root, TypeText.InMessage(root), 0);
        return new StreamTypeModel(
            new([.. _codes.Values.OfType<CodeModel>().OrderBy(static c => c.Type, StringComparer.Ordinal)]),
            new([.. _shapes.Values.OrderBy(static s => s.Type, StringComparer.Ordinal)]));
    }

    private void Visit(ITypeSymbol type, INamedTypeSymbol root, string path, int level)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (type is ITypeParameterSymbol || KnownTypes.IsScalar(type) || !_seen.Add(type))
            return;

        if (level > MaxLevels)
        {
            Add(ProblemKind.Unserializable, path, $"types nest deeper than {MaxLevels} levels, most likely without end. Use a type that contains itself with the same type arguments.");
            return;
        }

        if (Unreachable(type) is { } unreachable)
        {
            Add(ProblemKind.Unreachable, path, unreachable);
            return;
        }

        if (type is INamedTypeSymbol { TypeKind: TypeKind.Enum, EnumUnderlyingType: { } number })
            Shape(type, $"Enumeration<{TypeText.InCode(type)}, {TypeText.InCode(number)}>()");
        else if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments: [var value] })
            Container(type, $"Nullable<{TypeText.InCode(value)}>()", (value, ""));
        else if (KnownTypes.Element(type) is { } element)
            Container(type, KnownTypes.IsImmutableArray(type) ? $"ImmutableArray<{TypeText.InCode(element)}>()" : $"Sequence<{TypeText.InCode(type)}, {TypeText.InCode(element)}>()", (element, "[]"));
        else if (KnownTypes.Pair(type) is var (key, mapped))
            Container(type, $"Map<{TypeText.InCode(type)}, {TypeText.InCode(key)}, {TypeText.InCode(mapped)}>()", (key, "[key]"), (mapped, "[value]"));
        else if (Refusal(type) is { } refusal)
            Add(SymbolEqualityComparer.Default.Equals(type, root) ? ProblemKind.Unmakeable : ProblemKind.Unserializable, path, refusal);
        else if (type is INamedTypeSymbol named && KnownTypes.TupleItems(named) is { } items)
            VisitTuple(named, items);
        else if (type is INamedTypeSymbol { ContainingAssembly: var assembly } other && SymbolEqualityComparer.Default.Equals(assembly, compilation.Assembly))
            VisitObject(other);

        void Container(ITypeSymbol container, string expression, params (ITypeSymbol Type, string Step)[] parts)
        {
            Shape(container, expression);
            foreach (var part in parts)
                Visit(part.Type, root, path + part.Step, level + 1);
        }

        void VisitTuple(INamedTypeSymbol tuple, IReadOnlyList<(string Name, ITypeSymbol Type)> tupleItems)
        {
            if (!TypeText.HasTypeParameter(tuple))
            {
                var text = TypeText.InCode(tuple.TupleUnderlyingType ?? tuple);
                _codes[text] = ObjectCode.OfTuple(tuple, text, tupleItems);
                _shapes[text] = new ShapeModel(text, null, text, "");
            }

            foreach (var (name, itemType) in tupleItems)
                Visit(itemType, root, $"{path}.{name}", level + 1);
        }

        void VisitObject(INamedTypeSymbol found)
        {
            var isRoot = SymbolEqualityComparer.Default.Equals(found, root);
            var members = ObjectMembers.Of(found, compilation);
            // What carries the attribute itself answers for itself.
            if (isRoot || !HasAttribute(found))
                AddAll(members.Problems, isRoot ? found : null, path);

            if (members.Problems.Count == 0)
                Object(found, members);

            foreach (var member in members.Members)
            {
                if (isRoot)
                    _place = member.Symbol.Locations.Any(static l => l.IsInSource) ? member.Symbol : root;
                // The parts of a closed generic type are known only here.
                if (isRoot || found.IsGenericType || !HasAttribute(found))
                    Visit(member.Type, root, $"{path}.{member.Name}", level + 1);
            }

            if (isRoot)
                _place = root;
        }
    }

    private void Object(INamedTypeSymbol type, ObjectMembers members)
    {
        var definition = type.OriginalDefinition;
        var text = TypeText.InCode(definition);
        if (!_codes.TryGetValue(text, out var code))
        {
            var own = SymbolEqualityComparer.Default.Equals(type, definition) ? members : ObjectMembers.Of(definition, compilation);
            code = _codes[text] = own.Problems.Count == 0 ? ObjectCode.Of(definition, own) : null;
        }

        if (code is null || TypeText.HasTypeParameter(type))
            return;

        var arguments = TypeText.AllTypeArguments(type).Select(TypeText.InCode).ToList();
        _shapes[TypeText.InCode(type)] = new ShapeModel(TypeText.InCode(type), null, text, arguments.Count == 0 ? "" : $"<{string.Join(", ", arguments)}>");
    }

    private void Shape(ITypeSymbol type, string expression)
    {
        // Of a generic type's own members the type parameters are known only when it is closed.
        if (!TypeText.HasTypeParameter(type))
            _shapes[TypeText.InCode(type)] = new ShapeModel(TypeText.InCode(type), $"global::StreamKit.Serialization.GeneratedShape.{expression}", null, "");
    }

    private void Add(ProblemKind kind, string path, string text) => _problems.Add(new WalkProblem(kind, _place ?? compilation.Assembly, $"'{path}': {text}"));

    private void AddAll(IReadOnlyList<ObjectProblem> problems, INamedTypeSymbol? root, string path)
    {
        foreach (var problem in problems)
        {
            var place = problem.Member is { } member && root?.GetMembers(member).FirstOrDefault(static m => m.Locations.Any(static l => l.IsInSource)) is { } symbol ? symbol : _place;
            _problems.Add(new WalkProblem(problem.Kind, place ?? compilation.Assembly, $"'{path}{(problem.Member is null ? "" : "." + problem.Member)}': {problem.Text}"));
        }
    }

    /// <summary>Whether a type carries the attribute itself.</summary>
    public static bool HasAttribute(INamedTypeSymbol type) =>
        type.OriginalDefinition.GetAttributes().Any(static a => a.AttributeClass is { } c && TypeText.Definition(c) == AttributeName);

    private string? Unreachable(ITypeSymbol type)
    {
        for (var level = type as INamedTypeSymbol; level is not null; level = level.ContainingType)
        {
            if (level.IsFileLocal)
                return $"the type '{TypeText.InMessage(type)}' is local to its file, where generated code is not. Its serializer is made at run time; make it 'internal', or remove [StreamType].";
        }

        return type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer || compilation.IsSymbolAccessibleWithin(type, compilation.Assembly) ? null
            : $"the type '{TypeText.InMessage(type)}' is hidden in another type, where generated code cannot reach it. Its serializer is made at run time; make it and the types around it 'internal' or 'public', or remove [StreamType].";
    }

    /// <summary>Why a type that is neither scalar nor collection cannot be serialized; null if it may be.</summary>
    public static string? Refusal(ITypeSymbol type)
    {
        var name = TypeText.InMessage(type);
        if (type is IArrayTypeSymbol)
            return $"the array '{name}' has more than one dimension. Use arrays of arrays.";
        if (type.IsRefLikeType || type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer)
            return $"the type '{name}' is a reference into memory, which means nothing after a restart. Keep the value itself.";
        if (type.TypeKind == TypeKind.Delegate || type.SpecialType is SpecialType.System_Delegate or SpecialType.System_MulticastDelegate)
            return $"the type '{name}' is code, not data. Remove the member, or mark it [IgnoreDataMember].";
        if (type.SpecialType == SpecialType.System_Object || type.TypeKind is TypeKind.Interface or TypeKind.Dynamic || type.IsAbstract)
            return $"the type '{name}' is {(type.TypeKind == TypeKind.Interface ? "an interface" : "abstract")}, so the bytes would not tell which type to make again. Use a concrete type.";
        if (type is INamedTypeSymbol named && KnownTypes.IsOfTheFramework(type) && KnownTypes.TupleItems(named) is null)
            return $"the type '{name}' of .NET is not one that StreamKit serializes. Use a supported type.";

        return null;
    }
}
