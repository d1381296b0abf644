using System.IO.Pipelines;
using Microsoft.Extensions.Logging.Abstractions;
using StreamKit.Runtime;
using StreamKit.State;

namespace StreamKit.Tests.State;

/// <summary>One run of work on tiered state and on dictionaries.</summary>
internal sealed class TieredRun : IDisposable
{
    private const int MaxParallelism = 16;

    private readonly int _seed;
    private readonly Random _random;
    private readonly ILocalState? _local;
    private readonly SimulatedExecutor _executor;
    private readonly HomeTier _home;
    private readonly List<MountedSegment> _mounted = [];
    private readonly BlockCache _cache = new(2_000);
    private readonly SerializerRegistry _serializers = new();
    private readonly int _keySpace;
    private Dictionary<long, ModelRow> _model = [];
    private Dictionary<long, ModelRow> _modelAtCut = [];
    private Dictionary<long, ModelRow> _modelStored = [];
    private IReadOnlyList<StateDescriptor> _states = [];
    private StateModel<long> _state = null!; // made by Start
    private KeyedStateCut? _cut;
    private CancellationTokenSource _stopping = new();
    private Residency? _residency;
    private int _attempts;

    public TieredRun(int seed, ILocalState? local)
    {
        _seed = seed;
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
        Start();
        for (int batch = 0; batch < Batches; batch++)
        {
            Meanwhile?.Invoke();
            await SurviveAsync(StepAsync);
        }

        await SurviveAsync(() =>
        {
            CheckAll();
            Crash();
            return Task.CompletedTask;
        });
        Assert.True(WarmedUp > 0 || _local is not null, "never was all in memory");
        Assert.True(Left > 0 || _local is null, "nothing ever left memory");
        Assert.True(Waited > 0, "nothing was ever waited for");
    }

    /// <summary>How long the run is.</summary>
    public int Batches { get; init; } = 200;

    /// <summary>Tells failures that the run goes on from, as from a crash.</summary>
    public Func<Exception, bool> IsSurvived { get; init; } = static _ => false;

    /// <summary>Called before each batch: others' work.</summary>
    public Action? Meanwhile { get; init; }

    /// <summary>How many failures the run has gone on from.</summary>
    public int Survived { get; private set; }

    /// <summary>How many batches had to wait for their keys.</summary>
    public int Waited { get; private set; }

    public void Dispose()
    {
        _cut?.Dispose();
        _stopping.Cancel();
        if (_residency is null)
            return;
        _executor.RunUntilComplete(async () => await _residency.DisposeAsync());
        _residency = null;
    }

    private async Task SurviveAsync(Func<Task> work)
    {
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception e) when (IsSurvived(e))
            {
                Survived++;
                work = () =>
                {
                    Crash();
                    return Task.CompletedTask;
                };
            }
        }
    }

    private async Task StepAsync()
    {
        Batch();
        WarmUp();
        await StepCutAsync();
        if (_random.Next(40) == 0)
            Crash();
    }

    private void Start()
    {
        var state = new KeyedState<long>(new KeyGroupRange(0, MaxParallelism - 1), MaxParallelism, _serializers.GetKey<long>());
        state.Restore(_states, _states.Select(static each => each.Id + 1).DefaultIfEmpty(1).Max());
        _state = new StateModel<long>(state, _serializers, _seed + _attempts++);
        _stopping = new CancellationTokenSource();
        state.Attach(new Residency(state, new ResidencySetup
        {
            Name = "test",
            Part = $"{_attempts}",
            Local = _local,
            HotBytes = _local?.HotBytes ?? long.MaxValue,
            IsDurable = true,
            Notify = static () => { },
            Run = _executor.Run,
            Stopping = _stopping.Token,
        }));
        Residency residency = _residency = state.Residency!; // attached
        residency.Mount(_home, isLoaded: false);
        if (_local is null || _random.Next(2) == 0)
        {
            var warmUp = new HomeWarmUp(new HomeWarmUpSetup
            {
                Name = "test",
                Home = _home,
                StateIds = residency.StateIds,
                KeyGroups = state.Range,
                Notify = static () => { },
                TimeProvider = _executor.Time,
                Logger = NullLogger.Instance,
                Stopping = _stopping.Token,
            });
            residency.BeginWarmUp(warmUp, _executor.Run, () => WarmedUp++);
        }
    }

    /// <summary>Some of what is read ahead is taken now and then.</summary>
    private void WarmUp()
    {
        for (int steps = _random.Next(60); steps > 0; steps--)
        {
            _executor.Step();
            if (_state.State.Residency is { HasWarm: true } residency)
                residency.TakeWarm();
        }
    }

    /// <summary>How often all had come into memory.</summary>
    public int WarmedUp { get; private set; }

    /// <summary>The process dies: what was not stored is lost.</summary>
    private void Crash()
    {
        Dispose();
        _cut = null;
        _model = _modelStored.ToDictionary(static pair => pair.Key, static pair => pair.Value.Copy());
        Start();
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

        int hot = _residency!.HotKeys; // made by Start
        _state.State.EndBatch();
        Left += Math.Max(0, hot - _residency.HotKeys);
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
            _mounted.Add(new MountedSegment(await HomeSegment.OpenAsync(new YieldingSource(bytes.ToArray()), info.Checksum, _cache, default), cut.Range, 0));
        }

        (_states, _modelStored) = (cut.States, _modelAtCut);
        cut.Complete();
        _home.Swap(_mounted);
        if (_random.Next(3) > 0)
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
