using StreamKit.Checkpoints;
using StreamKit.Diagnostics;
using StreamKit.State;

namespace StreamKit.Runtime;

/// <summary>
/// The keyed state of one attempt: taken over from the checkpoint, at once or as it is needed, divided among memory and local disk, and stored again. Opened and
/// disposed of with the attempt's tasks.
/// </summary>
internal sealed class AttemptState(JobSettings settings, JobExecutor executor, RestoredJob restored, AttemptIdentity identity) : IAsyncDisposable
{
    /// <summary>Requests under way for the keys of one batch: so many blocks are two megabytes.</summary>
    private const int RequestsPerRead = 128;

    /// <summary>The blocks that a job without local state has in memory, until all its rows are there.</summary>
    private const long BlocksWhileWarmingUp = 64L << 20;

    private readonly Dictionary<(string Operator, int Subtask), StoredState> _stored = [];
    private readonly List<Residency> _residencies = [];
    private readonly MergeRoom _mergeRoom = new();
    private readonly List<Action> _warmUps = [];
    private ILocalState? _local;
    private long _hotBytes = long.MaxValue;
    private DiskBlockCache? _disk;

    /// <summary>What the store has of a keyed operator and subtask.</summary>
    public StoredState StoredOf(string operatorName, int subtask) => _stored[(operatorName, subtask)];

    /// <summary>Takes the state of all operators over. What is left to be read then is read as it is needed.</summary>
    public async Task OpenAsync(IReadOnlyList<KeyedOperator> operators, CheckpointLog? log, CancellationToken stopping)
    {
        OpenLocal(operators);
        if (log is null)
        {
            foreach (var each in operators.Where(each => each.CanLeaveMemory && _local is not null))
                Attach(each);
            return;
        }

        try
        {
            await RestoreAsync(operators, log, stopping);
        }
        catch (CheckpointDamagedException cause)
        {
            throw RestoredJob.Damaged(log, cause);
        }
    }

    /// <summary>Begins to read ahead. Not before everything is open: it wakes tasks.</summary>
    public void Start() => _warmUps.ForEach(static begin => begin());

    /// <summary>Ends what reads and writes segments.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var stored in _stored.Values)
            await stored.DisposeAsync();
    }

    /// <summary>Lets go of what is on this machine, when nothing reads or writes it any more.</summary>
    public async ValueTask DisposeLocalAsync()
    {
        try
        {
            foreach (var residency in _residencies)
                await residency.DisposeAsync();
            _disk?.Dispose();
            _local?.Dispose();
        }
        catch (Exception cause)
        {
            JobLog.TeardownFailed(settings.Logger, cause, settings.Name, "local state");
        }
    }

    private void OpenLocal(IReadOnlyList<KeyedOperator> operators)
    {
        var users = operators.Count(static each => each.CanLeaveMemory);
        if (settings.StateBackend is not { } backend || users == 0)
            return;
        _local = backend.Open(new LocalStateContext
        {
            JobName = settings.Name,
            Subtasks = users,
            TimeProvider = settings.TimeProvider,
            Schedule = executor.IsSingleThreaded ? null : executor.Schedule,
        });
        _hotBytes = _local.HotBytes / users;
    }

    private async Task RestoreAsync(IReadOnlyList<KeyedOperator> operators, CheckpointLog log, CancellationToken stopping)
    {
        var cache = OpenCache();
        var segments = operators.SelectMany(each => SegmentsOf(each)).ToList();
        var mounted = await SegmentMounts.OpenAsync(segments, log.Store, cache, executor.Run, stopping);
        var isReadAtOnce = mounted.Values.Distinct().Sum(static each => each.Info.Length) <= settings.ReadAtOnceBytes;
        foreach (var each in operators)
            await TakeOverAsync(each, log, mounted, cache, isReadAtOnce, stopping);
    }

    private IReadOnlyList<SegmentReference> SegmentsOf(KeyedOperator each) => restored.Of(each.Name, each.Subtask)?.Segments ?? [];

    private BlockCache OpenCache()
    {
        if (_local is null)
            return new BlockCache(BlocksWhileWarmingUp);
        var blocks = _local.Blocks;
        if (blocks is { Directory: { } directory, DiskBytes: > 0 })
            _disk = DiskBlockCache.Open(directory, identity.JobId, blocks.DiskBytes, settings.Logger);
        return new BlockCache(blocks.MemoryBytes, _disk);
    }

    private async Task TakeOverAsync(
        KeyedOperator each, CheckpointLog log, IReadOnlyDictionary<SegmentReference, HomeSegment> mounted, BlockCache cache, bool isReadAtOnce, CancellationToken stopping)
    {
        var references = SegmentsOf(each);
        var view = references.Select(reference => (reference, new MountedSegment(mounted[reference], reference.KeyGroups, reference.Generation))).ToList();
        var home = new HomeTier(executor.Run, RequestsPerRead);
        home.Swap([.. view.Select(static pair => pair.Item2)]);
        var isLazy = each.CanLeaveMemory && !isReadAtOnce;
        if (references.Count > 0)
            await KeyedStateTakeover.LoadAsync(each, home, restored.Stored(each.Name), log, settings, onlyWhatStays: isLazy, stopping);
        var residency = each.CanLeaveMemory && (isLazy || _local is not null) ? Attach(each) : null;
        residency?.Mount(home, isLoaded: !isLazy);
        var chained = references.Select(reference => new ChainedSegment(reference, mounted[reference].Info)).ToList();
        _stored.Add((each.Name, each.Subtask), new StoredState(each.State.Schemas, stored =>
        {
            var follower = residency is null ? null : Follow(each, home, stored, log, cache, view);
            if (residency is not null && isLazy)
                WarmUp(each, residency, home, follower!);
            return new SegmentChain(ChainOf(each, log, stored, follower), chained, stopping);
        }));
    }

    private Residency Attach(KeyedOperator each)
    {
        var residency = new Residency(each.State, new ResidencySetup
        {
            Name = $"{each.Name} {each.Subtask}",
            Part = each.Part,
            Local = _local,
            HotBytes = _hotBytes,
            IsDurable = identity.IsDurable,
            Notify = each.Task.Notify,
            Run = executor.Run,
            Logger = settings.Logger,
            Stopping = identity.Stopping,
            Explain = Explain,
        });
        _residencies.Add(residency);
        each.State.Attach(residency);
        each.Operator.OnResidency(residency);
        return residency;
    }

    /// <summary>All of it is read in the end; where memory has room for everything, the segments are let go of then.</summary>
    private void WarmUp(KeyedOperator each, Residency residency, HomeTier home, ChainView view)
    {
        var warmUp = new HomeWarmUp(new HomeWarmUpSetup
        {
            Name = $"operator '{each.Name}' subtask {each.Subtask}",
            Home = home,
            StateIds = residency.StateIds,
            KeyGroups = each.State.Range,
            Notify = each.Task.Notify,
            TimeProvider = settings.TimeProvider,
            Logger = settings.Logger,
            Stopping = identity.Stopping,
        });
        _warmUps.Add(() => residency.BeginWarmUp(warmUp, executor.Run, _local is null ? view.Close : null));
    }

    private ChainView Follow(KeyedOperator each, HomeTier home, StoredState stored, CheckpointLog log, BlockCache cache, List<(SegmentReference, MountedSegment)> view) => new(
        new ChainViewSetup
        {
            OperatorName = each.Name,
            Subtask = each.Subtask,
            Tier = home,
            Mount = ChainViewSetup.MountFrom(log.Store, cache),
            Run = executor.Run,
            OnPassed = stored.OnPassed,
            Logger = settings.Logger,
            Stopping = identity.Stopping,
        },
        view);

    private SegmentChainSetup ChainOf(KeyedOperator each, CheckpointLog log, StoredState stored, ChainView? view) => new()
    {
        OperatorName = each.Name,
        Subtask = each.Subtask,
        Store = log.Store,
        Claim = log.Claim,
        Part = each.Part,
        Run = executor.Run,
        Logger = settings.Logger,
        Room = _mergeRoom,
        DeadRows = () => stored.DeadRows,
        Schemas = each.State.Schemas,
        View = view,
    };

    private Exception Explain(Exception cause) => cause is CheckpointDamagedException damage
        ? RestorePointFinder.WhileRunning(settings.Name, settings.Store!, settings.Checkpoints.FallBackFromDamagedCheckpoint, damage) // there are segments
        : cause;
}
