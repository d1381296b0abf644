using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StreamKit.Checkpoints;
using StreamKit.Diagnostics;
using StreamKit.Graph;
using StreamKit.Planning;
using StreamKit.Runtime;

namespace StreamKit;

/// <summary>Describes a job: its settings, and its graph of streams. Not safe for use by several threads.</summary>
public sealed class StreamJobBuilder
{
    private readonly StreamGraph _graph = new();
    private readonly StateMappings _mappings = new();
    private int? _maxParallelism;
    private ICheckpointStore? _savepoint;

    internal StreamJobBuilder(string name) => Name = name;

    /// <summary>The job's name.</summary>
    public string Name { get; }

    /// <summary>The number of subtasks of each operator that has no number of its own. Default: the number of processors, at most <see cref="MaxParallelism"/>.</summary>
    public int Parallelism { get; set; } = Math.Min(Environment.ProcessorCount, DefaultMaxParallelism);

    /// <summary>
    /// The number of key groups that keyed state is divided into, and so the highest parallelism the job can ever have. 1 to 32,768. Fixed by the job's first
    /// checkpoint or the savepoint that it begins with: later runs take it from there, and refuse another one. Default for a new job: 128.
    /// </summary>
    public int MaxParallelism
    {
        get => _maxParallelism ?? DefaultMaxParallelism;
        set => _maxParallelism = value;
    }

    /// <summary>When checkpoints are taken and how many are kept.</summary>
    public CheckpointOptions Checkpoints { get; } = new();

    /// <summary>What happens after a failure. Default: with checkpoints, exponential delay from 1 second to 1 minute; without, the job fails at once.</summary>
    public RestartStrategy? RestartStrategy { get; set; }

    /// <summary>How long a record may wait in an output buffer before it is sent on, when no more input is there. Default 500 µs; zero for the lowest latency.</summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromMicroseconds(500);

    /// <summary>The job's clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the job logs. Default: nowhere.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>
    /// Whether state in the checkpoint or savepoint that no operator of the job takes over is dropped; false by default: the job then refuses to start, and says
    /// which state of which operator that is. What was dropped is gone with the job's next checkpoint.
    /// </summary>
    public bool AllowNonRestoredState { get; set; }

    /// <summary>True to refuse sources that cannot be replayed; by default they are only warned of.</summary>
    public bool RequireReplayableSources { get; set; }

    /// <summary>
    /// Turns the record at hand into text when a function fails, for logs and exceptions; and the key, when a timer or window fires. Default: its <c>ToString</c>,
    /// cut to 500 characters. Return null to keep it out of them.
    /// </summary>
    public Func<object, string?> DescribeRecord { get; set; } = static record => record.ToString() is { Length: > 500 } text ? text[..500] + "…" : record.ToString();

    /// <summary>
    /// The memory for blocks of stored state that queries (<see cref="StateQuery{TKey, T}"/>) have read, all of the job's queries together; 64 MB by default. Nothing is taken while
    /// nobody asks. Beside it, each block of some 64 KB takes about 100 bytes for an index, and each key up to 2 bytes for a filter.
    /// </summary>
    public long QueryCacheBytes { get; set; } = 64L << 20;

    /// <summary>The seed of all chance in the job's engine: identities of attempts, jitter of delays. Default: a fresh one.</summary>
    internal ulong Seed { get; set; } = JobRandom.FreshSeed();

    /// <summary>Where the job's tasks run; tests replace it.</summary>
    /// <summary>
    /// State of a checkpoint up to this length is all read before the first record: that takes a moment, and finds damage before anything has been done. More is
    /// read as it is needed.
    /// </summary>
    internal long ReadAtOnceBytes { get; set; } = 8L << 20;

    internal Func<JobExecutor> CreateExecutor { get; set; } = static () => new ThreadPoolExecutor();

    internal ICheckpointStore? Store { get; private set; }

    internal IStateBackend? StateBackend { get; private set; }

    internal SerializerRegistry Serializers { get; } = new();

    internal StreamGraph Graph => _graph;

    private const int DefaultMaxParallelism = 128;
    private const int HighestMaxParallelism = 32_768;

    /// <summary>Keeps checkpoints in a store, so that the job goes on where it was after a failure or restart.</summary>
    /// <param name="store">The store; one location for each job.</param>
    /// <param name="every">The checkpoint interval; null leaves <see cref="CheckpointOptions.Interval"/> as it is.</param>
    /// <returns>This builder.</returns>
    public StreamJobBuilder UseCheckpoints(ICheckpointStore store, TimeSpan? every = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        Store = store;
        if (every is not null)
            Checkpoints.Interval = every;
        return this;
    }

    /// <summary>
    /// Begins a new job with the state of a savepoint. It is copied into the job's own checkpoint store, which needs nothing of it afterwards. A job whose store
    /// has a checkpoint goes on from that one instead, so the call may stay.
    /// </summary>
    /// <param name="savepoint">Where the savepoint is.</param>
    /// <returns>This builder.</returns>
    public StreamJobBuilder RestoreFrom(ICheckpointStore savepoint)
    {
        ArgumentNullException.ThrowIfNull(savepoint);
        _savepoint = savepoint;
        return this;
    }

    /// <summary>Says that an operator has another name than in the checkpoint or savepoint. May stay when the job has checkpoints under the new name.</summary>
    /// <param name="oldName">The name that its state is stored under.</param>
    /// <param name="newName">The name that it has in the job now.</param>
    /// <returns>This builder.</returns>
    public StreamJobBuilder MapState(string oldName, string newName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(oldName);
        ArgumentException.ThrowIfNullOrWhiteSpace(newName);
        _mappings.Add(oldName, newName);
        return this;
    }

    /// <summary>Lets keyed state be larger than memory. Default: all of it is in memory. A job may be restored with another backend, or with none.</summary>
    /// <param name="backend">Where values go that are not in use.</param>
    /// <returns>This builder.</returns>
    public StreamJobBuilder UseStateBackend(IStateBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        StateBackend = backend;
        return this;
    }

    /// <summary>Registers a serializer for a type, instead of the one StreamKit would make.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="serializer">The serializer.</param>
    /// <returns>This builder.</returns>
    public StreamJobBuilder RegisterSerializer<T>(Serializer<T> serializer)
    {
        Serializers.Register(serializer);
        return this;
    }

    /// <summary>Begins a stream with the records of a source.</summary>
    /// <typeparam name="T">The record type.</typeparam>
    /// <param name="name">The source's name; its positions are found again by it.</param>
    /// <param name="source">The source.</param>
    /// <returns>The stream.</returns>
    public DataStream<T> FromSource<T>(string name, Source<T> source)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(source);
        var node = new SourceNode<T>(name, source);
        _graph.Add(node);
        return new DataStream<T>(this, node);
    }

    /// <summary>Checks the graph and makes the job.</summary>
    /// <returns>The job, ready to run once.</returns>
    /// <exception cref="JobBuildException">There are mistakes; all of them are listed.</exception>
    public StreamJob Build()
    {
        var problems = new List<string>(ValidateSettings());
        var context = new GraphContext(Serializers, MaxParallelism, Store is not null, RequireReplayableSources, Warn);
        problems.AddRange(JobValidator.Validate(_graph, Parallelism, context));
        problems.AddRange(_mappings.Validate(_graph));
        if (problems.Count > 0)
            throw new JobBuildException(Name, problems);
        var options = new JobSettings(
            Name, MaxParallelism, _maxParallelism is not null, Store, StateBackend, Checkpoints, new RestoreRules(_savepoint, _mappings.Renames, AllowNonRestoredState), RestartStrategy ?? DefaultRestarts(), FlushInterval, TimeProvider, Logger, DescribeRecord, Serializers, ReadAtOnceBytes, QueryCacheBytes, Seed, CreateExecutor);
        return new StreamJob(options, JobPlanner.Plan(_graph.Nodes, Parallelism));
    }

    private RestartStrategy DefaultRestarts() => Store is null ? RestartStrategy.None : RestartStrategy.ExponentialDelay(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    private IEnumerable<string> ValidateSettings()
    {
        if (string.IsNullOrWhiteSpace(Name))
            yield return "The job's name is empty. Give it one: logs and checkpoints name the job by it.";
        if (MaxParallelism is < 1 or > HighestMaxParallelism)
            yield return $"MaxParallelism is {MaxParallelism}. It must be between 1 and {HighestMaxParallelism}.";
        if (Parallelism < 1)
            yield return $"Parallelism is {Parallelism}. It must be at least 1.";
        if (FlushInterval < TimeSpan.Zero)
            yield return $"FlushInterval is {FlushInterval}. Give zero or a positive time.";
        if (QueryCacheBytes < 0)
            yield return $"QueryCacheBytes is {QueryCacheBytes}. Give zero or a positive number of bytes.";
        if (Store is null && RestartStrategy is not null && RestartStrategy != RestartStrategy.None)
            yield return "A restart strategy is set, but there are no checkpoints to restart from. Call UseCheckpoints, or leave RestartStrategy unset.";
        if (Store is null && _savepoint is not null)
            yield return "The job begins with a savepoint, but has no checkpoint store that its state could be copied to. Call UseCheckpoints.";
        foreach (var problem in Checkpoints.Validate())
            yield return problem;
    }

    private void Warn(string message)
    {
        if (Logger.IsEnabled(LogLevel.Warning))
            JobLog.GraphWarning(Logger, Name, message);
    }
}
