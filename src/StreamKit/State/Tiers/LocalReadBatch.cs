namespace StreamKit;

/// <summary>
/// Keys to look up together in a local store, and what was found. Filled by the caller, answered by <see cref="ILocalStore.Read"/>, and used again after
/// <see cref="Clear"/>; one thread at a time. Values are valid until then.
/// </summary>
public abstract class LocalReadBatch
{
    /// <summary>The number of keys.</summary>
    public abstract int Count { get; }

    /// <summary>Adds a key; it is copied.</summary>
    /// <param name="key">The key, at least one byte.</param>
    /// <returns>Its index.</returns>
    public abstract int Add(ReadOnlySpan<byte> key);

    /// <summary>Forgets keys and answers.</summary>
    public abstract void Clear();

    /// <summary>A key, as it was added.</summary>
    /// <param name="index">The key's index.</param>
    public abstract ReadOnlySpan<byte> Key(int index);

    /// <summary>What the store knows of a key.</summary>
    /// <param name="index">The key's index.</param>
    public abstract LocalRowStatus Status(int index);

    /// <summary>The value of a key that was found; empty otherwise.</summary>
    /// <param name="index">The key's index.</param>
    public abstract ReadOnlySpan<byte> Value(int index);
}
