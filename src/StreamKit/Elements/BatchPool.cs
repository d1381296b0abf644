using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace StreamKit.Elements;

/// <summary>
/// Recycles batches of one record type: a few per thread without synchronization, the overflow shared by the process.
/// Batches of one capacity only, so that timestamp arrays can be swapped.
/// </summary>
internal static class BatchPool<T>
{
    /// <summary>512 for value types; 256 for classes, because the records in flight decide the garbage collector's pauses.</summary>
    public static readonly int Capacity = RuntimeHelpers.IsReferenceOrContainsReferences<T>() ? 256 : 512;

    private const int PerThread = 8;
    private const int SharedLimit = 256;

    [ThreadStatic]
    private static ThreadCache? s_cache;

    private static readonly ConcurrentQueue<Batch<T>> s_shared = new();
    private static int s_sharedCount;

    public static Batch<T> Rent()
    {
        var cache = s_cache;
        if (cache is { Count: > 0 })
        {
            var batch = cache.Items[--cache.Count]!; // below Count every item is set
            cache.Items[cache.Count] = null;
            return batch;
        }

        if (s_shared.TryDequeue(out var shared))
        {
            Interlocked.Decrement(ref s_sharedCount);
            return shared;
        }

        return new Batch<T>(Capacity);
    }

    /// <summary>Takes a batch back; the caller must not touch it any more.</summary>
    public static void Return(Batch<T> batch)
    {
        batch.Reset();
        var cache = s_cache ??= new ThreadCache();
        if (cache.Count < PerThread)
        {
            cache.Items[cache.Count++] = batch;
        }
        else if (Volatile.Read(ref s_sharedCount) < SharedLimit)
        {
            Interlocked.Increment(ref s_sharedCount);
            s_shared.Enqueue(batch);
        }
    }

    private sealed class ThreadCache
    {
        public readonly Batch<T>?[] Items = new Batch<T>?[PerThread];
        public int Count;
    }
}
