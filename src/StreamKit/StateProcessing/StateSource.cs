using System.IO.Pipelines;
using StreamKit.Checkpoints;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.StateProcessing;

/// <summary>State that is written from a stream of entries.</summary>
internal interface IStateSource
{
    /// <summary>Writes all entries as segments with disjoint rows.</summary>
    Task<IReadOnlyList<SegmentReference>> WriteAsync(SavepointFiles files, int maxParallelism, CancellationToken cancellationToken);
}

/// <summary>
/// Entries in any order: as many as fit into memory are put into a table such as jobs use and written as one sorted segment; the segments are merged.
/// </summary>
internal sealed class StateSource<TKey, TEntry>(
    string operatorName, int stateId, StateSignature signature, KeySerializer<TKey> keys, IAsyncEnumerable<(TKey Key, TEntry Entry)> entries, StateWriter<TEntry> writer) : IStateSource
    where TKey : notnull
{
    /// <summary>Values, list items and map entries in one segment: some ten megabytes if they are small.</summary>
    private const int ItemsAtATime = 100_000;

    private readonly string _operatorName = operatorName;
    private readonly int _stateId = stateId;
    private readonly StateSignature _signature = signature;
    private readonly KeySerializer<TKey> _keys = keys;
    private readonly StateWriter<TEntry> _writer = writer;

    public async Task<IReadOnlyList<SegmentReference>> WriteAsync(SavepointFiles files, int maxParallelism, CancellationToken cancellationToken)
    {
        var runs = new SegmentRuns(files, cause => new StreamKitException($"State '{_signature.Name}' of operator '{_operatorName}': {cause} Give each key once."));
        Run? run = null;
        await foreach ((TKey key, TEntry entry) in entries.WithCancellation(cancellationToken))
        {
            run ??= new Run(this, maxParallelism);
            run.Add(key, entry);
            if (run.Items >= ItemsAtATime)
            {
                await runs.AddAsync(run.WriteAsync, new KeyGroupRange(0, maxParallelism - 1), cancellationToken);
                run = null;
            }
        }

        if (run is not null)
        {
            await runs.AddAsync(run.WriteAsync, new KeyGroupRange(0, maxParallelism - 1), cancellationToken);
        }

        return await runs.CompleteAsync(cancellationToken);
    }

    /// <summary>As many entries as are held in memory.</summary>
    private sealed class Run
    {
        private readonly StateSource<TKey, TEntry> _source;
        private readonly KeyedState<TKey> _owner;
        private readonly Func<TEntry, int> _store;
        private readonly TKey[] _key = new TKey[1];
        private readonly int[] _slot = new int[1];

        public Run(StateSource<TKey, TEntry> source, int maxParallelism)
        {
            _source = source;
            _owner = new KeyedState<TKey>(new KeyGroupRange(0, maxParallelism - 1), maxParallelism, source._keys);
            _owner.Restore([new StateDescriptor(source._stateId, source._signature.Name, source._signature.Kind, source._signature.Schema)], source._stateId + 1);
            _store = source._writer.Declare(_owner, source._signature);
        }

        public int Items { get; private set; }

        public void Add(TKey key, TEntry entry)
        {
            if (key is null || entry is null)
            {
                throw new StreamKitException($"State '{_source._signature.Name}' of operator '{_source._operatorName}' was given {(key is null ? "a null key" : $"null for key '{key}'")}. Leave such entries out.");
            }

            if (_owner.TryFind(key, out _))
            {
                throw new StreamKitException($"State '{_source._signature.Name}' of operator '{_source._operatorName}' was given key '{key}' twice. Give each key once.");
            }

            _key[0] = key;
            _owner.Resolve(_key, _slot);
            _owner.CurrentSlot = _slot[0];
            Items += _store(entry);
        }

        public async Task<SegmentInfo> WriteAsync(PipeWriter output, CancellationToken cancellationToken)
        {
            using KeyedStateCut cut = _owner.Cut();
            while (!cut.Advance(int.MaxValue))
            {
            }

            SegmentInfo info = await cut.WriteAsync(output, cancellationToken);
            cut.Complete();
            return info;
        }
    }
}
