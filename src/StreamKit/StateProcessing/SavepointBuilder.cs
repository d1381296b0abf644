using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using StreamKit.Checkpoints;
using StreamKit.State;
using StreamKit.StateProcessing;

namespace StreamKit;

/// <summary>
/// Makes a savepoint without a job: from nothing, or from another one or a checkpoint with some of its state replaced, renamed or removed. A job begins with it
/// as with any savepoint. State is streamed to its location; in memory is a part of it at a time.
/// </summary>
/// <remarks>
/// What a job keeps under which name is for its code to say: the state of a <c>Process</c> function has the names that it asks for, that of <c>Scan</c>
/// is the value state <c>accumulator</c>, of <c>Reduce</c> the reducing state <c>reduced</c>. <see cref="StateReader.Operators"/> of a savepoint of the job shows them.
/// Not safe for use by several threads.
/// </remarks>
public sealed class SavepointBuilder
{
    private readonly StateReader? _from;
    private readonly JobIdentity _job;
    private readonly SortedDictionary<string, OperatorEdit> _operators = new(StringComparer.Ordinal);

    private SavepointBuilder(StateReader? from, JobIdentity job)
    {
        _from = from;
        _job = job;
        foreach (OperatorManifest stored in from?.Manifest.Operators ?? [])
        {
            _operators.Add(stored.Name, new OperatorEdit(stored.Name, stored));
        }
    }

    /// <summary>The serializers of what is written. Register your own here, before any state is set.</summary>
    public SerializerRegistry Serializers { get; } = new();

    /// <summary>The clock for names of files and delays between attempts. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Begins with nothing.</summary>
    /// <param name="name">What the savepoint says that it is of; jobs of any name can begin with it.</param>
    /// <param name="maxParallelism">The number of key groups that state is divided into: the highest parallelism of the jobs that begin with it. 1 to 32,768; default 128.</param>
    /// <returns>The builder.</returns>
    public static SavepointBuilder Create(string name, int maxParallelism = KeyGroups.DefaultMaxParallelism)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxParallelism, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxParallelism, KeyGroups.LargestMaxParallelism);
        return new SavepointBuilder(null, new JobIdentity(name, Guid.Empty, maxParallelism));
    }

    /// <summary>Begins with all that a checkpoint or savepoint has. It is not changed.</summary>
    /// <param name="snapshot">The checkpoint or savepoint.</param>
    /// <param name="isCommitted">
    /// Whether you know that the job has committed all output of the checkpoint, as it has when it went on behind it or was stopped. Of no meaning for savepoints, which have no output to be committed.
    /// </param>
    /// <returns>The builder.</returns>
    /// <exception cref="StreamKitException">Output of the checkpoint may not be committed yet, and would be lost to whoever goes on from a copy.</exception>
    public static SavepointBuilder From(StateReader snapshot, bool isCommitted = false)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return isCommitted || snapshot.Manifest.Transactions.Count == 0
            ? new SavepointBuilder(snapshot, snapshot.Manifest.Job)
            : throw new StreamKitException(
                $"Checkpoint {snapshot.Checkpoint} of job '{snapshot.JobName}' names {snapshot.Manifest.Transactions.Count} transactions that its sinks commit only after it, "
                + "and a savepoint has none. Take a savepoint of the running job, or stop it with one; or say that they are committed, if you know that.");
    }

    /// <summary>Leaves an operator out, with all of its state.</summary>
    /// <param name="name">The operator.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="StreamKitException">There is no such operator.</exception>
    public SavepointBuilder RemoveOperator(string name)
    {
        _operators.Remove(Existing(name).Name);
        return this;
    }

    /// <summary>Gives an operator another name.</summary>
    /// <param name="oldName">Its name.</param>
    /// <param name="newName">The new one.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="StreamKitException">There is no operator of the old name, or one of the new name.</exception>
    public SavepointBuilder RenameOperator(string oldName, string newName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(newName);
        OperatorEdit edit = Existing(oldName);
        if (_operators.ContainsKey(newName))
        {
            throw new StreamKitException($"Operator '{oldName}' cannot be called '{newName}': there is an operator of that name. Remove or rename that one first.");
        }

        _operators.Remove(oldName);
        _operators.Add(newName, edit.As(newName));
        return this;
    }

    /// <summary>Leaves a keyed state out.</summary>
    /// <param name="operatorName">The operator.</param>
    /// <param name="stateName">The state.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="StreamKitException">There is no such operator or state.</exception>
    public SavepointBuilder RemoveState(string operatorName, string stateName)
    {
        Existing(operatorName).Remove(stateName);
        return this;
    }

    /// <summary>Sets value state, instead of what the operator had under that name.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="operatorName">The operator; added if there is none.</param>
    /// <param name="stateName">The state.</param>
    /// <param name="entries">The values, each key once, in any order. Read once, while the savepoint is written.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="StreamKitException">The operator has keys of another type, or a type cannot be serialized.</exception>
    public SavepointBuilder SetValues<TKey, T>(string operatorName, string stateName, IAsyncEnumerable<(TKey Key, T Value)> entries)
        where TKey : notnull => Set(operatorName, StateSignature.Of<T>(stateName, StateKind.Value, Serializers), entries, StateWriters.Values<T>(Serializers));

    /// <summary>Sets reducing state, instead of what the operator had under that name.</summary>
    /// <inheritdoc cref="SetValues"/>
    public SavepointBuilder SetReducing<TKey, T>(string operatorName, string stateName, IAsyncEnumerable<(TKey Key, T Value)> entries)
        where TKey : notnull => Set(operatorName, StateSignature.Of<T>(stateName, StateKind.Reducing, Serializers), entries, StateWriters.Values<T>(Serializers));

    /// <summary>Sets the accumulators of aggregating state, instead of what the operator had under that name.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TAcc">The type of the accumulators.</typeparam>
    /// <param name="operatorName">The operator; added if there is none.</param>
    /// <param name="stateName">The state.</param>
    /// <param name="entries">The accumulators, each key once, in any order. Read once, while the savepoint is written.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="StreamKitException">The operator has keys of another type, or a type cannot be serialized.</exception>
    public SavepointBuilder SetAggregating<TKey, TAcc>(string operatorName, string stateName, IAsyncEnumerable<(TKey Key, TAcc Value)> entries)
        where TKey : notnull => Set(operatorName, StateSignature.Of<TAcc>(stateName, StateKind.Aggregating, Serializers), entries, StateWriters.Values<TAcc>(Serializers));

    /// <summary>Sets list state, instead of what the operator had under that name.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="operatorName">The operator; added if there is none.</param>
    /// <param name="stateName">The state.</param>
    /// <param name="entries">The lists, each key once, in any order. Read once, while the savepoint is written.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="StreamKitException">The operator has keys of another type, or a type cannot be serialized.</exception>
    public SavepointBuilder SetLists<TKey, T>(string operatorName, string stateName, IAsyncEnumerable<(TKey Key, IReadOnlyList<T> Items)> entries)
        where TKey : notnull => Set(operatorName, StateSignature.OfList<T>(stateName, Serializers), entries, StateWriters.Lists<T>(Serializers));

    /// <summary>Sets map state, instead of what the operator had under that name.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TMapKey">The type of the maps' keys.</typeparam>
    /// <typeparam name="TValue">The type of the maps' values.</typeparam>
    /// <param name="operatorName">The operator; added if there is none.</param>
    /// <param name="stateName">The state.</param>
    /// <param name="entries">The maps, each key once, in any order. Read once, while the savepoint is written.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="StreamKitException">The operator has keys of another type, or a type cannot be serialized.</exception>
    public SavepointBuilder SetMaps<TKey, TMapKey, TValue>(string operatorName, string stateName, IAsyncEnumerable<(TKey Key, IReadOnlyDictionary<TMapKey, TValue> Entries)> entries)
        where TKey : notnull
        where TMapKey : notnull => Set(operatorName, StateSignature.OfMap<TMapKey, TValue>(stateName, Serializers), entries, StateWriters.Maps<TMapKey, TValue>(Serializers));

    /// <summary>Writes the savepoint.</summary>
    /// <param name="location">An empty location.</param>
    /// <param name="cancellationToken">Gives it up; there is no savepoint then.</param>
    /// <returns>When it is complete.</returns>
    /// <exception cref="CheckpointDamagedException">What it begins with is damaged or gone; there is no savepoint.</exception>
    /// <exception cref="StreamKitException">The location is not empty, a key was given twice, or a store failed; there is no savepoint.</exception>
    public async Task WriteAsync(ICheckpointStore location, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(location);
        var writer = new SavepointWriter(_from?.Location ?? location, location, Writer(), TimeProvider, NullLogger.Instance);
        await writer.WriteAsync(Manifest, cancellationToken);

        async Task<CheckpointManifest> Manifest(SavepointFiles files)
        {
            var operators = new List<OperatorManifest>();
            foreach (OperatorEdit edit in _operators.Values)
            {
                operators.Add(await edit.WriteAsync(files, _job.MaxParallelism, cancellationToken));
            }

            return new CheckpointManifest
            {
                Job = _job,
                Number = _from?.Checkpoint ?? 0,
                Claim = _from?.Manifest.Claim ?? 0,
                Timestamp = _from?.Manifest.Timestamp ?? 0,
                Operators = operators,
                Transactions = [],
            };
        }
    }

    private SavepointBuilder Set<TKey, TEntry>(string operatorName, StateSignature signature, IAsyncEnumerable<(TKey Key, TEntry Entry)> entries, StateWriter<TEntry> writer)
        where TKey : notnull
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(operatorName);
        ArgumentException.ThrowIfNullOrWhiteSpace(signature.Name);
        ArgumentNullException.ThrowIfNull(entries);
        if (!_operators.TryGetValue(operatorName, out OperatorEdit? edit))
        {
            _operators.Add(operatorName, edit = new OperatorEdit(operatorName, null));
        }

        edit.Set(signature, Serializers.GetKey<TKey>().Schema, id => new StateSource<TKey, TEntry>(operatorName, id, signature, Serializers.GetKey<TKey>(), entries, writer));
        return this;
    }

    /// <summary>Two that write to one location at once are told apart by it.</summary>
    private string Writer() => string.Create(CultureInfo.InvariantCulture, $"offline-{TimeProvider.GetUtcNow().UtcTicks:x}-{Environment.ProcessId}");

    private OperatorEdit Existing(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _operators.GetValueOrDefault(name)
            ?? throw new StreamKitException($"There is no operator '{name}'. There are: {EntryReaders.Quoted(_operators.Keys)}.");
    }
}
