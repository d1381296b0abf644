using StreamKit.State;

namespace StreamKit.StateProcessing;

/// <summary>How a state takes in what it is given for a key.</summary>
/// <param name="Declare">Adds the state's table to an owner; gives what stores an entry for the key at hand, and tells how much that was.</param>
internal sealed record StateWriter<TEntry>(Func<KeyedState, StateSignature, Func<TEntry, int>> Declare);

/// <summary>The state handles that jobs use, for each kind of state.</summary>
internal static class StateWriters
{
    public static StateWriter<T> Values<T>(SerializerRegistry serializers) => new((owner, signature) =>
    {
        var table = new ValueTable<T>(signature, serializers.Get<T>());
        owner.AddTable(table);
        var handle = new ValueState<T>(table);
        return value =>
        {
            handle.Value = value;
            return 1;
        };
    });

    public static StateWriter<IReadOnlyList<T>> Lists<T>(SerializerRegistry serializers) => new((owner, signature) =>
    {
        var table = new ListTable<T>(signature, serializers.Get<T>());
        owner.AddTable(table);
        var handle = new ListState<T>(table);
        return items =>
        {
            handle.Update(items);
            return 1 + items.Count;
        };
    });

    public static StateWriter<IReadOnlyDictionary<TKey, TValue>> Maps<TKey, TValue>(SerializerRegistry serializers)
        where TKey : notnull => new((owner, signature) =>
        {
            var table = new MapTable<TKey, TValue>(signature, serializers.GetKey<TKey>(), serializers.Get<TValue>());
            owner.AddTable(table);
            var handle = new MapState<TKey, TValue>(table);
            return entries =>
            {
                foreach ((TKey key, TValue value) in entries)
                {
                    handle[key] = value;
                }

                return 1 + entries.Count;
            };
        });
}
