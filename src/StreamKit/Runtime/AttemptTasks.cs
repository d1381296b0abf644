using StreamKit.Checkpoints;
using StreamKit.Diagnostics;
using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.Planning;
using StreamKit.State;

namespace StreamKit.Runtime;

/// <summary>Who an attempt is, for everything it prepares outside.</summary>
internal sealed record AttemptIdentity(Guid JobId, long Claim, bool IsDurable, CancellationToken Stopping);

/// <summary>The tasks of one attempt with their operators: built, opened, stopped and disposed of together.</summary>
internal sealed class AttemptTasks : IAsyncDisposable
{
    private readonly JobSettings _settings;
    private readonly List<(PlannedChain Chain, StreamTask Task, IReadOnlyList<IOperator> Operators, IReadOnlyList<string> Names)> _tasks = [];
    private readonly List<IOperator> _opened = [];
    private readonly MetricsRegistry _metrics;
    private readonly JobExecutor _executor;
    private readonly RestoredJob _restored;
    private readonly AttemptState _state;
    private readonly AttemptIdentity _identity;
    private readonly ITaskOwner _owner;

    public AttemptTasks(JobSettings settings, JobPlan plan, JobExecutor executor, MetricsRegistry metrics, ITaskOwner owner, RestoredJob restored, AttemptIdentity identity)
    {
        _settings = settings;
        _executor = executor;
        _metrics = metrics;
        _restored = restored;
        _identity = identity;
        _owner = owner;
        _state = new AttemptState(settings, executor, restored, identity);
        var made = new Dictionary<(PlannedChain, int), StreamTask>();
        foreach (var chain in plan.Chains)
        {
            for (var subtask = 0; subtask < chain.Parallelism; subtask++)
                made.Add((chain, subtask), new StreamTask(new SubtaskId(chain.Name, subtask), executor, settings.TimeProvider, settings.FlushInterval, owner));
        }

        var exchanges = new ExchangeMap(plan, settings, (chain, subtask) => made[(chain, subtask)].Notify);
        foreach (var ((chain, subtask), task) in made)
            Assemble(chain, subtask, task, exchanges);
    }

    public IReadOnlyList<StreamTask> All => [.. _tasks.Select(static each => each.Task)];

    public int ParallelismOf(StreamTask task) => Of(task).Chain.Parallelism;

    /// <summary>Names a task's i-th cut within a checkpoint's files: unique among operators and subtasks.</summary>
    public string PartOf(StreamTask task, int cut) => $"{Of(task).Chain.Id}.{cut}-{task.Id.Index}";

    /// <summary>What the store has of a keyed operator and subtask.</summary>
    public StoredState StoredStateOf(string operatorName, int subtask) => _state.StoredOf(operatorName, subtask);

    /// <summary>Opens the operators and loads their keyed state.</summary>
    public async Task OpenAsync(CheckpointLog? log, CancellationToken stopping)
    {
        var takeover = new StateTakeover(_settings.Name, log?.Base?.Number);
        foreach (var (chain, task, operators, names) in _tasks)
        {
            for (var i = 0; i < operators.Count; i++)
            {
                var services = CreateServices(chain, task, names[i]);
                _opened.Add(operators[i]);
                try
                {
                    operators[i].Open(services);
                    if (!_settings.Restore.AllowNonRestoredState)
                        services.RefuseListsThatAreLeft();
                    takeover.Add(services, operators[i].Keyed);
                }
                catch (Exception cause)
                {
                    throw services.Explain(cause);
                }
            }
        }

        takeover.ThrowIfRefused();
        takeover.Log(_settings.Logger);
        await _state.OpenAsync([.. KeyedOperators()], log, stopping);
    }

    /// <summary>Has all tasks work. When everything else is ready, too.</summary>
    public void Start()
    {
        _state.Start();
        foreach (var (_, task, _, _) in _tasks)
            task.Notify();
    }

    /// <summary>Returns when no thread is in any task.</summary>
    public async Task StopAsync()
    {
        foreach (var (_, task, _, _) in _tasks)
            task.Stop();
        foreach (var (_, task, _, _) in _tasks)
            await task.Stopped;
    }

    public async ValueTask DisposeAsync()
    {
        await _state.DisposeAsync();
        foreach (var each in _opened)
        {
            try
            {
                await each.DisposeAsync();
            }
            catch (Exception cause)
            {
                JobLog.TeardownFailed(_settings.Logger, cause, _settings.Name, $"operator '{each.Name}'");
            }
        }
    }

    /// <inheritdoc cref="AttemptState.DisposeLocalAsync"/>
    public ValueTask DisposeLocalStateAsync() => _state.DisposeLocalAsync();

    private IEnumerable<KeyedOperator> KeyedOperators()
    {
        foreach (var (_, task, operators, names) in _tasks)
        {
            for (var i = 0; i < operators.Count; i++)
            {
                if (operators[i].Keyed is { } keyed)
                    yield return new KeyedOperator(task, names[i], PartOf(task, i), operators[i], keyed);
            }
        }
    }

    private (PlannedChain Chain, StreamTask Task, IReadOnlyList<IOperator> Operators, IReadOnlyList<string> Names) Of(StreamTask task) => _tasks.First(each => each.Task == task);

    private void Assemble(PlannedChain chain, int subtask, StreamTask task, ExchangeMap exchanges)
    {
        var builder = new ChainBuilder(chain, subtask, exchanges, _metrics);
        var head = builder.Build();
        var operators = builder.Built.Select(static each => each.Operator).ToArray();
        var source = head as ISourceOperator;
        var input = source is null ? exchanges.Input(chain, subtask, head, task, _restored.Of(chain.Head.Name, subtask)?.Watermark ?? EventTime.None) : null;
        task.Assemble(operators, source, input, [.. builder.Outputs]);
        _tasks.Add((chain, task, operators, [.. builder.Built.Select(static each => each.Node.Name)]));
    }

    private TaskServices CreateServices(PlannedChain chain, StreamTask task, string name)
    {
        var subtask = task.Id.Index;
        var restored = _restored.Of(name, subtask);
        return new TaskServices(task, cause => _owner.OnFailure(task, cause))
        {
            JobName = _settings.Name,
            OperatorName = name,
            Subtask = subtask,
            Parallelism = chain.Parallelism,
            MaxParallelism = _settings.MaxParallelism,
            JobId = _identity.JobId,
            Claim = _identity.Claim,
            IsDurable = _identity.IsDurable,
            TimeProvider = _settings.TimeProvider,
            Logger = _settings.Logger,
            Serializers = _settings.Serializers,
            Metrics = _metrics.Of(name, subtask),
            Stopping = _identity.Stopping,
            KeyGroups = KeyGroups.RangeOf(subtask, chain.Parallelism, _settings.MaxParallelism),
            RestoredLists = restored?.Lists ?? new Dictionary<string, ListSnapshot>(),
            RestoredWatermark = restored?.Watermark ?? EventTime.None,
            RestoredTime = _restored.Timestamp,
            RestoredStates = restored?.States ?? [],
            RestoredSchemas = restored?.Schemas ?? StoredSchemas.First,
            NextStateId = restored?.NextStateId ?? RestoredJob.FirstStateId,
            IsRestored = restored is { IsRestored: true },
            DescribeRecord = _settings.DescribeRecord,
        };
    }
}
