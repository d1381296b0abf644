using System.IO.Pipelines;
using StreamKit.Runtime;
using StreamKit.State;

namespace StreamKit.Tests.State;

/// <summary>One run of work on tiered state and on dictionaries.</summary>
internal sealed class TieredRun : IAsyncDisposable
{
    private const int MaxParallelism = 16;

    private readonly int _seed;
    private readonly Random _random;
    private readonly ILocalState? _local;
    private readonly bool _isLazy;
    private readonly SimulatedExecutor _executor;
    private readonly HomeTier _home;
    private readonly List<MountedSegment> _mounted = [];
    private readonly BlockCache _cache = new(2_000);
    private readonly SerializerRegistry _serializers = new();
    private readonly List<SegmentReader> _chain = [];
    private readonly int _keySpace;
    private Dictionary<long, ModelRow> _model = [];
    private Dictionary<long, ModelRow> _modelAtCut = [];
    private Dictionary<long, ModelRow> _modelStored = [];
    private IReadOnlyList<StateDescriptor> _states = [];
    private StateModel<long> _state = null!; // made by Start
    private KeyedStateCut? _cut;
    private int _attempts;

    public TieredRun(int seed, ILocalState? local, bool isLazy)
    {
        _seed = seed;
        _isLazy = isLazy;
        _executor = new SimulatedExecutor((ulong)seed, DateTimeOffset.UnixEpoch);
        _home = new HomeTier(_executor.Run, parallelism: 3);
        _random = new Random(seed);
        _local = local;
        _keySpace = _random.Next(2) == 0 ? 100 : 2_000;
    }

    /// <summary>How many keys left memory.</summary>
    public int Left { get; private set; }

    public async Task WorkAsync()
    {
        await StartAsync();
        for (int batch = 0; batch < 200; batch++)
        {
            Batch();
            await StepCutAsync();
            if (_random.Next(40) == 0)
                await CrashAsync();
        }

        await CrashAsync();
        Assert.True(Left > 0 || _local is null, "nothing ever left memory");
        Assert.True(Waited > 0 || !_isLazy, "nothing was ever waited for");
    }

    /// <summary>How many batches had to wait for their keys.</summary>
    public int Waited { get; private set; }

    public async ValueTask DisposeAsync()
    {
        _cut?.Dispose();
        if (_state?.State.Residency is { } residency)
            await residency.DisposeAsync();
    }

    private async Task StartAsync()
    {
        var state = new KeyedState<long>(new KeyGroupRange(0, MaxParallelism - 1), MaxParallelism, _serializers.GetKey<long>());
        state.Restore(_states, _states.Select(static each => each.Id + 1).DefaultIfEmpty(1).Max());
        _state = new StateModel<long>(state, _serializers, _seed + _attempts++);
        state.Attach(new Residency(state, new ResidencySetup
        {
            Name = "test",
            Part = $"{_attempts}",
            Local = _local,
            HotBytes = _local?.HotBytes ?? long.MaxValue,
            IsDurable = true,
            Notify = static () => { },
            Stopping = CancellationToken.None,
        }));
        if (_isLazy)
        {
            state.Residency!.Mount(_home); // attached
            return;
        }

        using var rows = new SegmentMerge([.. _chain.Select(static segment => (segment, new KeyGroupRange(0, MaxParallelism - 1)))], keepsTombstones: false);
        while (await rows.MoveNextAsync(default))
            Load(rows.Current);
        state.MarkStored();
        state.EndBatch();
    }

    private void Load(SegmentRow row) => _state.State.Load(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value);

    /// <summary>The process dies: what was not stored is lost.</summary>
    private async Task CrashAsync()
    {
        await DisposeAsync();
        _cut = null;
        _model = _modelStored.ToDictionary(static pair => pair.Key, static pair => pair.Value.Copy());
        await StartAsync();
        CheckAll();
    }

    /// <summary>Looks at every key, in batches: those that should be there, and some that should not.</summary>
    private void CheckAll()
    {
        foreach (long[] keys in _model.Keys.Concat(Enumerable.Range(_keySpace, 50).Select(static key => (long)key)).Chunk(64))
        {
            int[] slots = new int[keys.Length];
            Resolve(keys, slots);
            for (int i = 0; i < keys.Length; i++)
            {
                _state.State.CurrentSlot = slots[i];
                _state.Check(_model.GetValueOrDefault(keys[i]) ?? new ModelRow());
            }

            _state.State.EndBatch();
        }
    }

    private void Resolve(long[] keys, int[] slots)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_executor.Context);
        bool isThere = _state.State.TryResolve(keys, slots);
        SynchronizationContext.SetSynchronizationContext(before);
        if (isThere)
            return;
        Waited++;
        while (!_state.State.Residency!.TryFinish()) // attached
            Assert.True(_executor.Step());
    }

    private void Batch()
    {
        long[] keys = new long[_random.Next(1, 64)];
        int[] slots = new int[keys.Length];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = _random.Next(_random.Next(_keySpace) + 1);
        Resolve(keys, slots);
        for (int i = 0; i < keys.Length; i++)
        {
            if (!_model.TryGetValue(keys[i], out ModelRow? row))
                _model.Add(keys[i], row = new ModelRow());
            _state.State.CurrentSlot = slots[i];
            if (_random.Next(4) == 0)
                _state.Check(row);
            _state.Change(row, _random);
        }

        int hot = _state.State.Residency!.HotKeys; // attached
        _state.State.EndBatch();
        Left += Math.Max(0, hot - _state.State.Residency.HotKeys);
        foreach (long key in keys)
        {
            if (_model.TryGetValue(key, out ModelRow? row) && row.IsEmpty)
                _model.Remove(key);
        }
    }

    private async Task StepCutAsync()
    {
        if (_cut is null)
        {
            if (_random.Next(3) > 0)
                return;
            _modelAtCut = _model.ToDictionary(static pair => pair.Key, static pair => pair.Value.Copy());
            _cut = _state.State.Cut();
            return;
        }

        if (_random.Next(20) == 0)
        {
            _cut.Dispose();
            _cut = null;
        }
        else if (_cut.Advance(_random.Next(1, 200)))
        {
            await WriteAsync(_cut);
            _cut = null;
        }
    }

    private async Task WriteAsync(KeyedStateCut cut)
    {
        var bytes = new MemoryStream();
        SegmentInfo info = await cut.WriteAsync(PipeWriter.Create(bytes), CancellationToken.None);
        if (_random.Next(5) == 0)
        {
            cut.Dispose(); // its upload has failed
            return;
        }

        if (info.Rows > 0)
        {
            _chain.Add(await SegmentReader.OpenAsync(new MemorySegmentSource("segment", bytes.ToArray()), info.Checksum, default));
            _mounted.Add(new MountedSegment(await HomeSegment.OpenAsync(new YieldingSource(bytes.ToArray()), info.Checksum, _cache, default), cut.Range, 0));
        }

        (_states, _modelStored) = (cut.States, _modelAtCut);
        cut.Complete();
        _home.Swap(_mounted);
        if (_isLazy && _random.Next(3) > 0)
            cut.PassedOn?.Invoke();
    }

    /// <summary>Bytes that are never there at once.</summary>
    private sealed class YieldingSource(byte[] bytes) : SegmentSource
    {
        public override string Name => "segment";

        public override long Length => bytes.Length;

        public override async ValueTask ReadAsync(long offset, Memory<byte> into, CancellationToken cancellationToken)
        {
            await Task.Yield();
            bytes.AsMemory((int)offset, into.Length).CopyTo(into);
        }
    }
}
