namespace StreamKit;

/// <summary>The serializers of one job: those registered, and those made for every other supported type.</summary>
public sealed class SerializerRegistry
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<Type, object> _serializers = new();

    /// <summary>The serializer of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <returns>The serializer.</returns>
    public Serializer<T> Get<T>() => (Serializer<T>)_serializers[typeof(T)];
}
