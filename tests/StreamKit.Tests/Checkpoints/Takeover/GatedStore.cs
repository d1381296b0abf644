using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using StreamKit.Checkpoints;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints.Takeover;

/// <summary>The store as one runner sees it: every call waits for its fate.</summary>
internal sealed class GatedStore(InMemoryCheckpointStore store, ModelRunner runner, BrokenRule broken) : ICheckpointStore
{
    private readonly Dictionary<string, byte[]> _own = [];
    private List<StoredObject>? _lastListing;

    public IReadOnlyList<string> Names => store.Names;

    public bool IsTail(long number) =>
        StoredNames.LogEntry(number) == store.Names.Last(n => n.StartsWith(StoredNames.LogPrefix, StringComparison.Ordinal));

    public async ValueTask PutAsync(string name, PipeReader content, CancellationToken cancellationToken) =>
        await runner.CallAsync(canFail: true, async () =>
        {
            await store.PutAsync(name, content, cancellationToken);
            return true;
        });

    public ValueTask<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        _own[name] = content.ToArray();
        return runner.CallAsync(canFail: true, () => store.TryCreateAsync(name, content, cancellationToken));
    }

    public ValueTask<Stream> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellationToken) =>
        runner.CallAsync(canFail: false, () => broken == BrokenRule.EveryCollisionIsOwn && _own.TryGetValue(name, out byte[]? own)
            ? ValueTask.FromResult<Stream>(new MemoryStream(own))
            : store.OpenReadAsync(name, offset, length, cancellationToken));

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<StoredObject> listing = await runner.CallAsync(canFail: false, () => ListNowAsync(prefix, cancellationToken));
        foreach (StoredObject each in listing)
        {
            yield return each;
        }
    }

    public async ValueTask DeleteAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken) =>
        await runner.CallAsync(canFail: true, async () =>
        {
            await store.DeleteAsync(names, cancellationToken);
            return true;
        });

    private async ValueTask<List<StoredObject>> ListNowAsync(string prefix, CancellationToken cancellationToken)
    {
        if (broken == BrokenRule.NoListingAfterTheClaim && prefix == StoredNames.LogPrefix && _lastListing is { } stale && _own.Count > 0)
        {
            return [.. stale, .. _own.Select(o => new StoredObject(o.Key, o.Value.Length))];
        }

        _lastListing = [];
        await foreach (StoredObject each in store.ListAsync(prefix, cancellationToken))
        {
            _lastListing.Add(each);
        }

        return _lastListing;
    }
}
