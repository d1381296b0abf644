using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using StreamKit.Checkpoints;

namespace StreamKit.Tests.TestSupport;

/// <summary>What is being done to an <see cref="InMemoryCheckpointStore"/>.</summary>
internal enum StoreCall
{
    Put,
    TryCreate,
    OpenRead,
    List,
    Delete,
}

/// <summary>A checkpoint store in memory, safe for concurrent use, with hooks through which a test injects faults and pauses.</summary>
internal sealed class InMemoryCheckpointStore : ICheckpointStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);

    /// <summary>Awaited before a call has its effect. It throws to make the call fail without effect.</summary>
    public Func<StoreCall, string, ValueTask>? Before { get; set; }

    /// <summary>Called after a call had its effect. It throws to make the answer get lost.</summary>
    public Action<StoreCall, string>? After { get; set; }

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_lock)
            {
                return [.. _objects.Keys];
            }
        }
    }

    /// <summary>Changes an object behind everyone's back.</summary>
    public void Damage(string name, Func<byte[], byte[]> change)
    {
        lock (_lock)
        {
            _objects[name] = change((byte[])_objects[name].Clone());
        }
    }

    public byte[] Content(string name)
    {
        lock (_lock)
        {
            return (byte[])_objects[name].Clone();
        }
    }

    public async ValueTask PutAsync(string name, PipeReader content, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            ObjectNames.ThrowIfInvalid(name);
            await EnterAsync(StoreCall.Put, name, cancellationToken);
            using var bytes = new MemoryStream();
            await content.CopyToAsync(bytes, cancellationToken);
            lock (_lock)
            {
                _objects[name] = bytes.ToArray();
            }

            After?.Invoke(StoreCall.Put, name);
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            await content.CompleteAsync(failure);
        }
    }

    public async ValueTask<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        ObjectNames.ThrowIfInvalid(name);
        await EnterAsync(StoreCall.TryCreate, name, cancellationToken);
        bool created;
        lock (_lock)
        {
            created = _objects.TryAdd(name, content.ToArray());
        }

        After?.Invoke(StoreCall.TryCreate, name);
        return created;
    }

    public async ValueTask<Stream> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellationToken)
    {
        ObjectNames.ThrowIfInvalid(name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0);
        await EnterAsync(StoreCall.OpenRead, name, cancellationToken);
        byte[]? bytes;
        lock (_lock)
        {
            _objects.TryGetValue(name, out bytes);
        }

        if (bytes is null)
        {
            throw new StoredObjectNotFoundException(ToString(), name);
        }

        After?.Invoke(StoreCall.OpenRead, name);
        int start = (int)Math.Min(offset, bytes.Length);
        int count = (int)Math.Min(length ?? long.MaxValue, bytes.Length - start);
        return new MemoryStream(bytes, start, count, writable: false);
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ObjectNames.ThrowIfInvalidPrefix(prefix);
        await EnterAsync(StoreCall.List, prefix, cancellationToken);
        List<StoredObject> found;
        lock (_lock)
        {
            found = [.. _objects.Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(o => new StoredObject(o.Key, o.Value.Length))];
        }

        After?.Invoke(StoreCall.List, prefix);
        foreach (StoredObject each in found)
        {
            yield return each;
        }
    }

    public async ValueTask DeleteAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        foreach (string name in names)
        {
            ObjectNames.ThrowIfInvalid(name);
            await EnterAsync(StoreCall.Delete, name, cancellationToken);
            lock (_lock)
            {
                _objects.Remove(name);
            }

            After?.Invoke(StoreCall.Delete, name);
        }
    }

    public override string ToString() => "memory";

    private async ValueTask EnterAsync(StoreCall call, string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Before is { } before)
        {
            await before(call, name);
        }
    }
}
