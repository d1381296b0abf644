using System.Runtime.CompilerServices;
using StreamKit.Checkpoints;
using StreamKit.Serialization;
using StreamKit.State;
using StreamKit.StateProcessing;

namespace StreamKit;

/// <summary>
/// Reads a checkpoint or savepoint without its job: what it consists of, and its state, typed or as JSON. State is streamed: what is in memory at a
/// time is some blocks and the keys at hand, a long list or map as a whole.
/// </summary>
/// <remarks>
/// The files of a running job's checkpoint may be deleted while they are read, once newer checkpoints have taken its place; then reading fails. A
/// savepoint stays. Its members may be called from several threads.
/// </remarks>
public sealed class StateReader
{
    private StateReader(ICheckpointStore location, CheckpointManifest manifest, bool isSavepoint)
    {
        Location = location;
        Manifest = manifest;
        IsSavepoint = isSavepoint;
        Operators = [.. manifest.Operators.Select(Describe)];
    }

    /// <summary>The name of the job that it is of.</summary>
    public string JobName => Manifest.Job.Name;

    /// <summary>The identity of the job that it is of.</summary>
    public Guid JobId => Manifest.Job.Id;

    /// <summary>The number of key groups that keyed state is divided into.</summary>
    public int MaxParallelism => Manifest.Job.MaxParallelism;

    /// <summary>The checkpoint's number; of a savepoint, that of the checkpoint that it was made of.</summary>
    public long Checkpoint => Manifest.Number;

    /// <summary>When the checkpoint was complete, by the job's clock.</summary>
    public DateTimeOffset Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(Manifest.Timestamp);

    /// <summary>Whether the job had come to its end.</summary>
    public bool IsFinished => Manifest.Finished;

    /// <summary>Whether it is a savepoint, not a checkpoint in a job's log.</summary>
    public bool IsSavepoint { get; }

    /// <summary>The operators, in order of their names.</summary>
    public IReadOnlyList<StoredOperator> Operators { get; }

    /// <summary>The serializers of what is read typed. Register your own here, before anything is read.</summary>
    public SerializerRegistry Serializers { get; } = new();

    internal ICheckpointStore Location { get; }

    internal CheckpointManifest Manifest { get; }

    /// <summary>Opens the savepoint at a location, or the newest checkpoint of the job whose checkpoints are there.</summary>
    /// <param name="location">The location.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <returns>The reader.</returns>
    /// <exception cref="CheckpointDamagedException">It is damaged.</exception>
    /// <exception cref="StreamKitException">There is neither, or the store failed.</exception>
    public static async Task<StateReader> OpenAsync(ICheckpointStore location, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(location);
        var log = new LogReader(location);
        List<long> numbers = await log.ListAsync(cancellationToken);
        if (numbers.Count == 0)
        {
            return new StateReader(location, await SavepointReader.ReadAsync(location, cancellationToken), isSavepoint: true);
        }

        // The last entry says what is in force: a checkpoint is itself, a claim contains what its runner starts from.
        LogEntry last = await log.ReadAsync(numbers[^1], cancellationToken);
        return last.Manifest is { } manifest
            ? new StateReader(location, manifest, isSavepoint: false)
            : throw new StreamKitException($"Job '{last.Job.Name}' in '{location}' has no checkpoint yet. Let it take one.");
    }

    /// <summary>Opens a checkpoint of a job.</summary>
    /// <param name="store">The job's checkpoint store.</param>
    /// <param name="number">The checkpoint's number.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <returns>The reader.</returns>
    /// <exception cref="CheckpointDamagedException">It is damaged.</exception>
    /// <exception cref="StreamKitException">There is no such checkpoint, or the store failed.</exception>
    public static async Task<StateReader> OpenCheckpointAsync(ICheckpointStore store, long number, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        LogEntry entry;
        try
        {
            entry = await new LogReader(store).ReadAsync(number, cancellationToken);
        }
        catch (StoredObjectNotFoundException cause)
        {
            throw new StreamKitException($"There is no checkpoint {number} in '{store}': it was never taken, or has been released. 'streamkit list' shows those that are kept.", cause);
        }

        return entry is { Kind: LogEntryKind.Checkpoint, Manifest: { } manifest }
            ? new StateReader(store, manifest, isSavepoint: false)
            : throw new StreamKitException($"Log entry {number} in '{store}' is no checkpoint: a runner claimed the job with it. 'streamkit list' shows the checkpoints.");
    }

    /// <summary>Counts the live rows of an operator's keyed states, by reading all of them.</summary>
    /// <param name="operatorName">The operator.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The states and key groups that have rows, by key group and state.</returns>
    /// <exception cref="StreamKitException">There is no such operator, or its state cannot be read.</exception>
    public async IAsyncEnumerable<KeyGroupSize> MeasureAsync(string operatorName, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        OperatorManifest stored = Operator(operatorName);
        using StoredRows rows = await StoredRows.OpenAsync(Location, stored, cancellationToken);
        (int KeyGroup, int StateId) at = (-1, -1);
        StateSize size = default;
        while (await rows.MoveNextAsync(cancellationToken))
        {
            (int KeyGroup, int StateId) next = (rows.Current.KeyGroup, rows.Current.StateId);
            if (next != at && size.Rows > 0)
            {
                yield return new KeyGroupSize(NameOf(stored, at.StateId), at.KeyGroup, size.Rows, size.Bytes);
                size = default;
            }

            at = next;
            size = size.Plus(EntryReaders.LengthOf(rows.Current));
        }

        if (size.Rows > 0)
        {
            yield return new KeyGroupSize(NameOf(stored, at.StateId), at.KeyGroup, size.Rows, size.Bytes);
        }
    }

    /// <summary>Reads value, reducing or aggregating state; of the latter, accumulators.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="operatorName">The operator.</param>
    /// <param name="stateName">The state.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The keys that have a value, by key group.</returns>
    /// <exception cref="StreamKitException">There is no such state, it is of another kind or type, or it cannot be read.</exception>
    public IAsyncEnumerable<(TKey Key, T Value)> ReadValuesAsync<TKey, T>(string operatorName, string stateName, CancellationToken cancellationToken = default)
        where TKey : notnull => ReadAsync<TKey, T>(operatorName, EntryShapes.Values<T>(stateName, Serializers), cancellationToken);

    /// <summary>Reads list state.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="operatorName">The operator.</param>
    /// <param name="stateName">The state.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The keys that have items, by key group, each with all of its items.</returns>
    /// <exception cref="StreamKitException">There is no such state, it is of another kind or type, or it cannot be read.</exception>
    public IAsyncEnumerable<(TKey Key, IReadOnlyList<T> Items)> ReadListsAsync<TKey, T>(string operatorName, string stateName, CancellationToken cancellationToken = default)
        where TKey : notnull => ReadAsync<TKey, IReadOnlyList<T>>(operatorName, EntryShapes.Lists<T>(stateName, Serializers), cancellationToken);

    /// <summary>Reads map state.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TMapKey">The type of the maps' keys.</typeparam>
    /// <typeparam name="TValue">The type of the maps' values.</typeparam>
    /// <param name="operatorName">The operator.</param>
    /// <param name="stateName">The state.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The keys that have entries, by key group, each with all of its entries.</returns>
    /// <exception cref="StreamKitException">There is no such state, it is of another kind or type, or it cannot be read.</exception>
    public IAsyncEnumerable<(TKey Key, IReadOnlyDictionary<TMapKey, TValue> Entries)> ReadMapsAsync<TKey, TMapKey, TValue>(
        string operatorName, string stateName, CancellationToken cancellationToken = default)
        where TKey : notnull
        where TMapKey : notnull => ReadAsync<TKey, IReadOnlyDictionary<TMapKey, TValue>>(operatorName, EntryShapes.Maps<TMapKey, TValue>(stateName, Serializers), cancellationToken);

    /// <summary>Reads the timers of an operator.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <param name="operatorName">The operator.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The timers, by key group and key.</returns>
    /// <exception cref="StreamKitException">There is no such operator, its keys are of another type, or its timers cannot be read.</exception>
    public async IAsyncEnumerable<StoredTimer<TKey>> ReadTimersAsync<TKey>(string operatorName, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TKey : notnull
    {
        OperatorManifest stored = Operator(operatorName);
        var keys = StoredKeys<TKey>.Of(stored, Serializers);
        int? id = stored.States.FirstOrDefault(static each => each.Kind == StateKind.Timers)?.Id;
        using StoredRows rows = await StoredRows.OpenAsync(Location, stored, cancellationToken);
        while (await rows.MoveNextAsync(cancellationToken))
        {
            if (rows.Current.StateId != id)
            {
                continue;
            }

            foreach (StoredTimer<TKey> timer in EntryReaders.Timers(rows.Current, keys))
            {
                yield return timer;
            }
        }
    }

    /// <summary>Reads the accumulators of a window operator, slice by slice. Windows that keep their records are read as JSON.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TAcc">The type of the accumulators.</typeparam>
    /// <param name="operatorName">The operator.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What keys have in slices, by key group and key; slices whose windows were over may still be among them.</returns>
    /// <exception cref="StreamKitException">There is no such operator, its windows have other accumulators, or they cannot be read.</exception>
    public async IAsyncEnumerable<StoredSlice<TKey, TAcc>> ReadWindowsAsync<TKey, TAcc>(string operatorName, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TKey : notnull
    {
        OperatorManifest stored = Operator(operatorName);
        var keys = StoredKeys<TKey>.Of(stored, Serializers);
        StateDescriptor windows = stored.States.FirstOrDefault(static each => each.Kind == StateKind.Window)
            ?? throw new StreamKitException($"Operator '{operatorName}' has no windows. It has: {EntryReaders.Names(stored)}.");
        var schemas = new SchemaHistory([windows], stored.Schemas);
        schemas.Claim(StateSignature.Of<TAcc>(windows.Name, StateKind.Window, Serializers), static conversion => new ValueRowConversion(conversion), windows);
        if (schemas.Refusals.Count > 0)
        {
            throw new StreamKitException($"Operator '{operatorName}': {string.Join(" ", schemas.Refusals)}");
        }

        using StoredRows rows = await StoredRows.OpenAsync(Location, stored, cancellationToken);
        while (await rows.MoveNextAsync(cancellationToken))
        {
            if (rows.Current.StateId == windows.Id)
            {
                yield return EntryReaders.Slice(rows.Current, schemas.Of(rows.Generation), keys, Serializers.Get<TAcc>());
            }
        }
    }

    /// <summary>Reads an operator list.</summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="operatorName">The operator.</param>
    /// <param name="listName">The list.</param>
    /// <returns>The items of all subtasks, in their order.</returns>
    /// <exception cref="StreamKitException">There is no such list, or its items are of another type.</exception>
    public IReadOnlyList<T> ReadOperatorList<T>(string operatorName, string listName)
    {
        OperatorManifest stored = Operator(operatorName);
        if (!stored.Lists.TryGetValue(listName, out TypeSchema? schema))
        {
            throw new StreamKitException($"Operator '{operatorName}' has no operator list '{listName}'. It has: {EntryReaders.Quoted(stored.Lists.Keys)}.");
        }

        var migration = SchemaMigration.Of(schema, Serializers.GetSchema(typeof(T)));
        if (migration.WhyNot($"Operator list '{listName}' of '{operatorName}'", "in the checkpoint") is { } refusal)
        {
            throw new StreamKitException(refusal);
        }

        Serializer<T> serializer = Serializers.Get<T>();
        return [.. stored.Subtasks.OrderBy(static each => each.Index).SelectMany(each => each.Lists.GetValueOrDefault(listName) ?? []).Select(item => EntryReaders.Item(migration.Convert(item), serializer))];
    }

    /// <summary>Reads all keyed state of an operator as JSON.</summary>
    /// <param name="operatorName">The operator.</param>
    /// <param name="stateName">One of its states; null for all, one after the other.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What each state has for each key, by state and key group.</returns>
    /// <exception cref="StreamKitException">There is no such operator or state, or it cannot be read.</exception>
    public async IAsyncEnumerable<StoredEntry> ReadJsonAsync(string operatorName, string? stateName = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        OperatorManifest stored = Operator(operatorName);
        foreach (StateDescriptor state in stateName is null ? stored.States : [State(stored, stateName)])
        {
            await foreach (ComparableEntry each in JsonEntries.ReadAsync(Location, stored, state, MaxParallelism, cancellationToken))
            {
                yield return each.Entry;
            }
        }
    }

    /// <summary>Reads every byte and verifies every checksum.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The number of bytes verified.</returns>
    /// <exception cref="CheckpointDamagedException">Something is damaged or missing.</exception>
    public Task<long> VerifyAsync(CancellationToken cancellationToken = default) => SegmentCopy.VerifyAsync(Location, Manifest.Operators, cancellationToken);

    /// <summary>As <see cref="ReadJsonAsync"/> for one state, with what orders its entries.</summary>
    internal IAsyncEnumerable<ComparableEntry> ReadComparableAsync(string operatorName, string stateName, CancellationToken cancellationToken)
    {
        OperatorManifest stored = Operator(operatorName);
        return JsonEntries.ReadAsync(Location, stored, State(stored, stateName), MaxParallelism, cancellationToken);
    }

    internal OperatorManifest Operator(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Manifest.Operators.FirstOrDefault(each => each.Name == name)
            ?? throw new StreamKitException($"There is no operator '{name}' in checkpoint {Checkpoint} of job '{JobName}'. It has: {EntryReaders.Quoted(Manifest.Operators.Select(static each => each.Name))}.");
    }

    private static StateDescriptor State(OperatorManifest stored, string name)
    {
        return stored.States.FirstOrDefault(each => each.Name == name)
            ?? throw new StreamKitException($"Operator '{stored.Name}' has no keyed state '{name}'. It has: {EntryReaders.Names(stored)}.");
    }

    private static string NameOf(OperatorManifest stored, int stateId) =>
        stored.States.FirstOrDefault(each => each.Id == stateId)?.Name ?? $"dropped state {stateId}";

    private static StoredOperator Describe(OperatorManifest stored) => new(
        stored.Name,
        stored.Parallelism,
        stored.Subtasks.Count == 0 ? long.MinValue : stored.Subtasks.Min(static each => each.Watermark),
        stored.Key?.ToString(),
        [.. stored.States.Select(static each => new StoredKeyedState(each.Name, EntryReaders.KindOf(each.Kind), each.Schema.ToString()))],
        [.. stored.Lists.OrderBy(static each => each.Key, StringComparer.Ordinal).Select(each => Describe(stored, each.Key, each.Value.ToString()))],
        stored.Segments.DistinctBy(static each => (each.ObjectName, each.Offset, each.Checksum)).Sum(static each => each.Length));

    private static StoredList Describe(OperatorManifest stored, string list, string type)
    {
        List<ReadOnlyMemory<byte>> items = [.. stored.Subtasks.SelectMany(each => each.Lists.GetValueOrDefault(list) ?? [])];
        return new StoredList(list, type, items.Count, items.Sum(static each => (long)each.Length), stored.UnionLists.Contains(list));
    }

    private IAsyncEnumerable<(TKey Key, TEntry Value)> ReadAsync<TKey, TEntry>(string operatorName, EntryShape<TEntry> shape, CancellationToken cancellationToken)
        where TKey : notnull
    {
        OperatorManifest stored = Operator(operatorName);
        StateDescriptor state = State(stored, shape.StateName);
        StateSignature wanted = shape.Signature(state.Kind);
        if (wanted.WhyNot(state) is { } refusal)
        {
            throw new StreamKitException($"Operator '{operatorName}': {refusal}");
        }

        var keys = StoredKeys<TKey>.Of(stored, Serializers);
        var entries = new StoredEntries<TKey, TEntry>(Location, stored, state, keys, MaxParallelism, owner => shape.Declare(wanted, owner));
        return entries.ReadAsync(static (_, key, entry) => (key, entry), cancellationToken);
    }
}
