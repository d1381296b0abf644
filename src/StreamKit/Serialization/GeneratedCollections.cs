using System.Collections.Immutable;

namespace StreamKit.Serialization;

/// <summary>The serializers of <see cref="CollectionTable"/> once more, chosen without making types at run time.</summary>
internal static class GeneratedCollections
{
    public static object Sequence<TSequence, T>(Serializer<T> element)
        where TSequence : class, IEnumerable<T>
    {
        var type = typeof(TSequence);
        return type == typeof(T[]) ? new ArraySerializer<T>(element)
            : type == typeof(List<T>) ? new ListSerializer<T>(element)
            : type == typeof(HashSet<T>) ? new HashSetSerializer<T>(element)
            : type == typeof(SortedSet<T>) ? new SortedSetSerializer<T>(element)
            : type == typeof(Queue<T>) ? new QueueSerializer<T>(element)
            : type == typeof(Stack<T>) ? new StackSerializer<T>(element)
            : type == typeof(LinkedList<T>) ? new LinkedListSerializer<T>(element)
            : type == typeof(ImmutableList<T>) ? new ImmutableListSerializer<T>(element)
            : type == typeof(ImmutableHashSet<T>) ? new ImmutableHashSetSerializer<T>(element)
            : type == typeof(ISet<T>) || type == typeof(IReadOnlySet<T>) ? new SetInterfaceSerializer<TSequence, T>(element)
            : type == typeof(IEnumerable<T>) || type == typeof(ICollection<T>) || type == typeof(IList<T>)
                || type == typeof(IReadOnlyCollection<T>) || type == typeof(IReadOnlyList<T>) ? new ListInterfaceSerializer<TSequence, T>(element)
            : throw Unknown(type);
    }

    public static object Map<TMap, TKey, TValue>(Serializer<TKey> key, Serializer<TValue> value)
        where TMap : class, IEnumerable<KeyValuePair<TKey, TValue>>
        where TKey : notnull
    {
        var type = typeof(TMap);
        return type == typeof(Dictionary<TKey, TValue>) ? new DictionarySerializer<TKey, TValue>(key, value)
            : type == typeof(SortedDictionary<TKey, TValue>) ? new SortedDictionarySerializer<TKey, TValue>(key, value)
            : type == typeof(ImmutableDictionary<TKey, TValue>) ? new ImmutableDictionarySerializer<TKey, TValue>(key, value)
            : type == typeof(IDictionary<TKey, TValue>) || type == typeof(IReadOnlyDictionary<TKey, TValue>) ? new MapInterfaceSerializer<TMap, TKey, TValue>(key, value)
            : throw Unknown(type);
    }

    private static StreamSerializationException Unknown(Type type) => new(
        $"Generated code names '{TypeName.Of(type)}' as a collection, and this version of StreamKit knows none of that type. Build with the generator of the same package.");
}
