using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.StateProcessing;

/// <summary>What a lookup works with: used by one at a time, and then by the next.</summary>
/// <param name="stateId">The state.</param>
/// <param name="keys">Its keys.</param>
/// <param name="maxParallelism">The number of key groups.</param>
/// <param name="loader">Makes entries of its rows.</param>
internal sealed class QueryDesk<TKey, T>(int stateId, KeySerializer<TKey> keys, int maxParallelism, EntryLoader<TKey, T> loader) : IDisposable
    where TKey : notnull
{
    /// <summary>One that had to do with larger lists or maps is not kept.</summary>
    private const int LargestKept = 1 << 20;

    private readonly PooledBufferWriter _key = new();

    /// <summary>The keys and their rows.</summary>
    public HomeReadBatch Batch { get; } = new([stateId]);

    public bool IsWorthKeeping => Batch.Capacity <= LargestKept;

    /// <summary>Adds a key to the batch.</summary>
    public void Add(TKey key)
    {
        _key.Clear();
        keys.Write(_key, key);
        Batch.Add(KeyGroups.Of(KeyHash.OfCanonical(_key.WrittenSpan), maxParallelism), _key.WrittenSpan);
    }

    /// <summary>Gives what a key of the batch has, once it was read.</summary>
    /// <returns>False when it has nothing.</returns>
    public bool TryTake(int index, TKey key, out T value)
    {
        foreach (HomeRow row in Batch.Rows(index))
        {
            loader.Load(Batch.KeyGroup(index), Batch.Key(index), row.SubKey, row.Value, row.SchemaGeneration);
        }

        return loader.TryTake(key, out value);
    }

    public void Clear() => Batch.Clear();

    public void Dispose()
    {
        _key.Dispose();
        loader.Dispose();
    }
}
