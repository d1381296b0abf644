using StreamKit.Checkpoints;
using StreamKit.Elements;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.StateProcessing;

/// <summary>An operator of a savepoint to be: what it had, without what is removed or replaced, and what is set.</summary>
internal sealed class OperatorEdit(string name, OperatorManifest? stored)
{
    private const int FirstStateId = 1;

    private readonly List<StateDescriptor> _kept = [.. stored?.States ?? []];
    private readonly List<(StateDescriptor State, IStateSource Source)> _set = [];
    private TypeSchema? _key = stored?.Key;
    private int _nextStateId = Math.Max(stored?.NextStateId ?? 0, FirstStateId);

    public string Name { get; private set; } = name;

    private StoredSchemas Schemas => stored?.Schemas ?? StoredSchemas.First;

    public OperatorEdit As(string newName)
    {
        Name = newName;
        return this;
    }

    public void Remove(string stateName)
    {
        if (!TryRemove(stateName))
        {
            throw new StreamKitException($"Operator '{Name}' has no keyed state '{stateName}'. It has: {EntryReaders.Quoted(_kept.Concat(_set.Select(static each => each.State)).Select(static each => each.Name))}.");
        }
    }

    /// <param name="signature">The state.</param>
    /// <param name="key">Its keys.</param>
    /// <param name="make">Makes its source, given the id that its rows carry.</param>
    public void Set(StateSignature signature, TypeSchema key, Func<int, IStateSource> make)
    {
        if (_key is not null && _key.Fingerprint != key.Fingerprint)
        {
            throw new StreamKitException($"The keys of operator '{Name}' are {_key}, those of state '{signature.Name}' would be {key}. All states of an operator have the same keys.");
        }

        TryRemove(signature.Name);
        _key = key;
        // A new id, so that no row of the state that it replaces is taken for its own.
        int id = _nextStateId++;
        _set.Add((new StateDescriptor(id, signature.Name, signature.Kind, signature.Schema), make(id)));
    }

    public async Task<OperatorManifest> WriteAsync(SavepointFiles files, int maxParallelism, CancellationToken cancellationToken)
    {
        List<SegmentReference> segments = stored is null ? [] : [.. await KeepAsync(stored, files, maxParallelism, cancellationToken)];
        foreach ((_, IStateSource source) in _set)
        {
            // The schema of what is set is among those of the newest generation.
            segments.AddRange((await source.WriteAsync(files, maxParallelism, cancellationToken)).Select(each => each with { Generation = Schemas.Newest }));
        }

        return new OperatorManifest
        {
            Name = Name,
            Parallelism = stored?.Parallelism ?? 1,
            Key = _key,
            States = [.. _kept.Concat(_set.Select(static each => each.State))],
            Schemas = Schemas,
            NextStateId = _nextStateId,
            Lists = stored?.Lists ?? new Dictionary<string, TypeSchema>(),
            UnionLists = stored?.UnionLists ?? [],
            Segments = segments,
            Subtasks = stored?.Subtasks ?? [new SubtaskManifest(0, EventTime.None, new Dictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>>())],
        };
    }

    private async Task<IReadOnlyList<SegmentReference>> KeepAsync(OperatorManifest whole, SavepointFiles files, int maxParallelism, CancellationToken cancellationToken)
    {
        if (_kept.Count == whole.States.Count)
        {
            return (await files.CopyAsync([whole], cancellationToken))[0].Segments;
        }

        var ids = _kept.Select(static each => each.Id).ToHashSet();
        return ids.Count > 0 ? await files.CopyRowsAsync(whole, ids, new KeyGroupRange(0, maxParallelism - 1), cancellationToken) : [];
    }

    private bool TryRemove(string stateName) => _kept.RemoveAll(each => each.Name == stateName) + _set.RemoveAll(each => each.State.Name == stateName) > 0;
}
