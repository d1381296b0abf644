namespace StreamKit;

/// <summary>The serializers of one job: those registered, and those made for every other supported type.</summary>
public sealed class SerializerRegistry
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<Type, object> _serializers = new();

    /// <summary>The serializer of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <returns>The serializer.</returns>
    public Serializer<T> Get<T>() => (Serializer<T>)_serializers[typeof(T)];

    /// <summary>What the engine does with keys of a type.</summary>
    internal StreamKit.Serialization.KeySerializer<TKey> GetKey<TKey>() => (StreamKit.Serialization.KeySerializer<TKey>)_serializers[typeof(StreamKit.Serialization.KeySerializer<TKey>)];

    /// <summary>Puts serializers of one type in place of those that would be made for it.</summary>
    internal void Register<T>(Serializer<T>? values, StreamKit.Serialization.KeySerializer<T>? keys)
    {
        if (values is not null)
            _serializers[typeof(T)] = values;
        if (keys is not null)
            _serializers[typeof(StreamKit.Serialization.KeySerializer<T>)] = keys;
    }
}
