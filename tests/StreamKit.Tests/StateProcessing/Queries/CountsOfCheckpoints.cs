using System.Globalization;
using StreamKit.Checkpoints;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.StateProcessing.Queries;

/// <summary>Notes of each checkpoint of a <see cref="QueriedJob"/>, at the moment it is committed, how many records each key has had.</summary>
internal sealed class CountsOfCheckpoints
{
    private readonly InMemoryCheckpointStore _store;
    private readonly Dictionary<long, IReadOnlyDictionary<long, long>> _counts = [];

    public CountsOfCheckpoints(InMemoryCheckpointStore store)
    {
        _store = store;
        store.After = (call, name) =>
        {
            if (call == StoreCall.TryCreate && name.StartsWith(StoredNames.LogPrefix, StringComparison.Ordinal))
                Note(long.Parse(name[StoredNames.LogPrefix.Length..], CultureInfo.InvariantCulture));
        };
    }

    /// <summary>Whether it is reading now.</summary>
    public bool IsReading { get; private set; }

    public long Newest => _counts.Count == 0 ? 0 : _counts.Keys.Max();

    public IReadOnlyDictionary<long, long> this[long checkpoint] => _counts[checkpoint];

    private void Note(long number)
    {
        IsReading = true;
        try
        {
            // Nothing waits while it reads: so this ends before anything else happens.
            var entry = new LogReader(_store).ReadAsync(number, default).AsTask();
            if (entry.GetAwaiter().GetResult() is not { Kind: LogEntryKind.Checkpoint })
                return;
            var reader = StateReader.OpenCheckpointAsync(_store, number).GetAwaiter().GetResult();
            var counts = reader.ReadValuesAsync<long, long>("states", "count").ToDictionaryAsync(each => each.Key, each => each.Value).AsTask();
            Assert.True(counts.IsCompleted);
            _counts[number] = counts.GetAwaiter().GetResult();
        }
        finally
        {
            IsReading = false;
        }
    }
}
