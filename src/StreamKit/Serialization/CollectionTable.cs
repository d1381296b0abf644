using System.Collections.Immutable;

namespace StreamKit.Serialization;

/// <summary>The collections that can be serialized, and the class for each. A class with one type parameter more than its collection takes the collection first.</summary>
internal static class CollectionTable
{
    private static readonly Dictionary<Type, Type> Sequences = new()
    {
        [typeof(List<>)] = typeof(ListSerializer<>),
        [typeof(IEnumerable<>)] = typeof(ListInterfaceSerializer<,>),
        [typeof(ICollection<>)] = typeof(ListInterfaceSerializer<,>),
        [typeof(IList<>)] = typeof(ListInterfaceSerializer<,>),
        [typeof(IReadOnlyCollection<>)] = typeof(ListInterfaceSerializer<,>),
        [typeof(IReadOnlyList<>)] = typeof(ListInterfaceSerializer<,>),
        [typeof(ISet<>)] = typeof(SetInterfaceSerializer<,>),
        [typeof(IReadOnlySet<>)] = typeof(SetInterfaceSerializer<,>),
        [typeof(HashSet<>)] = typeof(HashSetSerializer<>),
        [typeof(SortedSet<>)] = typeof(SortedSetSerializer<>),
        [typeof(Queue<>)] = typeof(QueueSerializer<>),
        [typeof(Stack<>)] = typeof(StackSerializer<>),
        [typeof(LinkedList<>)] = typeof(LinkedListSerializer<>),
        [typeof(ImmutableArray<>)] = typeof(ImmutableArraySerializer<>),
        [typeof(ImmutableList<>)] = typeof(ImmutableListSerializer<>),
        [typeof(ImmutableHashSet<>)] = typeof(ImmutableHashSetSerializer<>),
    };

    private static readonly Dictionary<Type, Type> Maps = new()
    {
        [typeof(Dictionary<,>)] = typeof(DictionarySerializer<,>),
        [typeof(IDictionary<,>)] = typeof(MapInterfaceSerializer<,,>),
        [typeof(IReadOnlyDictionary<,>)] = typeof(MapInterfaceSerializer<,,>),
        [typeof(SortedDictionary<,>)] = typeof(SortedDictionarySerializer<,>),
        [typeof(ImmutableDictionary<,>)] = typeof(ImmutableDictionarySerializer<,>),
    };

    /// <summary>The shape of a collection; null if the type is none of those known.</summary>
    public static TypeShape? Find(Type type)
    {
        if (type.ContainsGenericParameters)
            return null;

        if (type.IsSZArray && type.GetElementType() is { IsPointer: false, IsFunctionPointer: false } element)
            return new TypeShape(type, ShapeKind.Sequence, [element], typeof(ArraySerializer<>).MakeGenericType(element));

        if (!type.IsGenericType)
            return null;

        var definition = type.GetGenericTypeDefinition();
        if (Sequences.TryGetValue(definition, out var sequence))
            return new TypeShape(type, ShapeKind.Sequence, type.GetGenericArguments(), Close(sequence, type));

        return Maps.TryGetValue(definition, out var map)
            ? new TypeShape(type, ShapeKind.Map, type.GetGenericArguments(), Close(map, type))
            : null;
    }

    private static Type Close(Type serializer, Type collection)
    {
        var parts = collection.GetGenericArguments();
        return serializer.MakeGenericType(serializer.GetGenericArguments().Length == parts.Length ? parts : [collection, .. parts]);
    }
}
