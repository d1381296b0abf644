using System.Collections.Concurrent;
using StreamKit.Serialization;

namespace StreamKit;

/// <summary>
/// The serializers of one job: those registered, and those that StreamKit makes for every other supported type (docs/serialization.md has the table).
/// Safe for concurrent use. Register before the first serializer is taken.
/// </summary>
public sealed class SerializerRegistry
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<Type, object> _values = new();
    private readonly ConcurrentDictionary<Type, object> _keys = new();
    private readonly ConcurrentDictionary<Type, IReadOnlyList<string>> _keyProblems = new();
    private readonly Dictionary<Type, object> _customs = [];
    private readonly Func<Type, TypeShape?> _generated;
    private readonly SerializerFactory _valueFactory;
    private readonly SerializerFactory _keyFactory;
    private bool _isInUse;

    /// <summary>Creates a registry without serializers of your own.</summary>
    public SerializerRegistry()
        : this(GeneratedTypes.Find)
    {
    }

    /// <summary>Creates a registry that goes by other generated code than that of the process, or by none.</summary>
    internal SerializerRegistry(Func<Type, TypeShape?> generated)
    {
        _generated = generated;
        _valueFactory = new SerializerFactory(ScalarTable.OfValues, _customs, generated, type => _values.GetValueOrDefault(type) ?? Make(type));
        _keyFactory = new SerializerFactory(ScalarTable.OfKeys, new Dictionary<Type, object>(), generated, declared: null);
    }

    /// <summary>Uses a serializer of your own for a type, wherever the type occurs; it replaces one registered before. Keys are not affected.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="serializer">The serializer.</param>
    /// <exception cref="StreamSerializationException">A serializer has been taken already, which may contain another one for the type.</exception>
    public void Register<T>(Serializer<T> serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        lock (_lock)
        {
            if (_isInUse)
                throw new StreamSerializationException($"The serializer for '{TypeName.Of(typeof(T))}' came too late: serializers have been taken already. Register it before the job is built.");

            _customs[typeof(T)] = serializer;
        }
    }

    /// <summary>The serializer of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <returns>The serializer: always the same one.</returns>
    /// <exception cref="StreamSerializationException">The type cannot be serialized; the message names every member that stands against it, and the remedy.</exception>
    public Serializer<T> Get<T>() => (Serializer<T>)(_values.TryGetValue(typeof(T), out var known) ? known : Make(typeof(T)));

    /// <summary>All that stands against serializing a type, each with member and remedy; empty if it can be serialized.</summary>
    internal IReadOnlyList<string> Check(Type type)
    {
        lock (_lock)
            return new TypeCheck(ScalarTable.OfValues, _customs.ContainsKey, _generated, asKey: false).Run(type);
    }

    /// <summary>All that stands against keys of a type, each with member and remedy; empty if it can be a key.</summary>
    internal IReadOnlyList<string> CheckKey(Type type) =>
        _keyProblems.GetOrAdd(type, static (t, generated) => new TypeCheck(ScalarTable.OfKeys, _ => false, generated, asKey: true).Run(t), _generated);

    /// <summary>The wire form of a type's values.</summary>
    /// <exception cref="StreamSerializationException">The type cannot be serialized.</exception>
    internal TypeSchema GetSchema(Type type)
    {
        lock (_lock)
        {
            ThrowIfAny(Check(type), type, "serialized");
            return _valueFactory.Schema(type);
        }
    }

    /// <summary>The serializer of keys of a type.</summary>
    /// <exception cref="StreamSerializationException">The type cannot be a key; the message names every member that stands against it, and the remedy.</exception>
    internal KeySerializer<TKey> GetKey<TKey>() => (KeySerializer<TKey>)(_keys.TryGetValue(typeof(TKey), out var known) ? known : MakeKey<TKey>());

    private static void ThrowIfAny(IReadOnlyList<string> problems, Type type, string purpose)
    {
        if (problems.Count > 0)
            throw new StreamSerializationException($"The type '{TypeName.Of(type)}' cannot be {purpose}. {string.Join(" ", problems)}");
    }

    private object Make(Type type)
    {
        lock (_lock)
        {
            ThrowIfAny(Check(type), type, "serialized");
            _isInUse = true;
            var made = _valueFactory.Serializer(type);
            _values[type] = made;
            return made;
        }
    }

    private object MakeKey<TKey>()
    {
        lock (_lock)
        {
            ThrowIfAny(CheckKey(typeof(TKey)), typeof(TKey), "a key");
            var canonical = (Serializer<TKey>)_keyFactory.Serializer(typeof(TKey));
            var schema = _keyFactory.Schema(typeof(TKey));
            object made = typeof(TKey) switch
            {
                _ when KeyHash.IsDirect<TKey>() => new DirectKeySerializer<TKey>(canonical, schema),
                { IsEnum: true } => Activator.CreateInstance(typeof(EnumKeySerializer<>).MakeGenericType(typeof(TKey)), canonical, schema)!, // a class always gives an object
                _ => new CanonicalKeySerializer<TKey>(canonical, schema),
            };
            _keys[typeof(TKey)] = made;
            return made;
        }
    }
}
