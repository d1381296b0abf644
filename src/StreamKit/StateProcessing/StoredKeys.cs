using StreamKit.Checkpoints;
using StreamKit.Serialization;

namespace StreamKit.StateProcessing;

/// <summary>The keys of a stored operator, read as a type that was checked to be theirs.</summary>
internal static class StoredKeys<TKey>
    where TKey : notnull
{
    /// <exception cref="StreamKitException">The operator has no keys, or keys of another type.</exception>
    public static KeySerializer<TKey> Of(OperatorManifest stored, SerializerRegistry serializers)
    {
        KeySerializer<TKey> keys = serializers.GetKey<TKey>();
        if (stored.Key is not { } key)
        {
            throw new StreamKitException($"Operator '{stored.Name}' has no keyed state.");
        }

        return key.Fingerprint == keys.Schema.Fingerprint
            ? keys
            : throw new StreamKitException($"The keys of operator '{stored.Name}' are {key}, not {keys.Schema}. Read them as the type that they were written as.");
    }
}
