using System.Runtime.CompilerServices;
using StreamKit.Checkpoints;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.StateProcessing;

/// <summary>Reads one keyed state of a checkpoint, key by key.</summary>
/// <param name="store">Where the files are.</param>
/// <param name="stored">The operator.</param>
/// <param name="state">The state.</param>
/// <param name="keys">Its keys.</param>
/// <param name="maxParallelism">The number of key groups.</param>
/// <param name="declare">Adds the state's table to an owner and gives what reads it.</param>
/// <param name="raw">Takes values as they are, and is told of the generation of each; null for a table of the type of today, for which older rows are converted.</param>
internal sealed class StoredEntries<TKey, TEntry>(
    ICheckpointStore store, OperatorManifest stored, StateDescriptor state, KeySerializer<TKey> keys, int maxParallelism, Func<KeyedState, EntryTable<TEntry>> declare, RawSerializer? raw = null)
    where TKey : notnull
{
    public async IAsyncEnumerable<TResult> ReadAsync<TResult>(Func<int, TKey, TEntry, TResult> select, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using StoredRows rows = await StoredRows.OpenAsync(store, stored, cancellationToken);
        using var loader = new EntryLoader<TKey, TEntry>(stored, state, keys, maxParallelism, declare, raw: raw);
        (int KeyGroup, TKey Key, TEntry Entry) next;
        while (await rows.MoveNextAsync(cancellationToken))
        {
            if (loader.MoveTo(rows.Current, rows.Generation, out next))
            {
                yield return select(next.KeyGroup, next.Key, next.Entry);
            }
        }

        if (loader.TryFinish(out next))
        {
            yield return select(next.KeyGroup, next.Key, next.Entry);
        }
    }
}
