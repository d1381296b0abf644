using Microsoft.Extensions.Logging;
using StreamKit.Operators;

namespace StreamKit;

/// <summary>What a sink learns of the job and subtask that run it.</summary>
public sealed class SinkContext
{
    private readonly OperatorLists? _lists;

    internal SinkContext(string name, Guid jobId, long claim, int subtask, int parallelism, bool isDurable, TimeProvider timeProvider, ILogger logger, SerializerRegistry serializers, OperatorLists? lists = null)
    {
        _lists = lists;
        Name = name;
        JobId = jobId;
        Claim = claim;
        Subtask = subtask;
        Parallelism = parallelism;
        IsDurable = isDurable;
        TimeProvider = timeProvider;
        Logger = logger;
        Serializers = serializers;
    }

    /// <summary>The sink's name in the job.</summary>
    public string Name { get; }

    /// <summary>The job's identity, fixed by its first run for its whole life.</summary>
    public Guid JobId { get; }

    /// <summary>The number under which this runner claimed the job; every later runner and attempt has a higher one.</summary>
    public long Claim { get; }

    /// <summary>The subtask, from 0; -1 for the committer.</summary>
    public int Subtask { get; }

    /// <summary>The number of subtasks.</summary>
    public int Parallelism { get; }

    /// <summary>True when checkpoints are kept in a store, so that prepared transactions may be committed by another process.</summary>
    public bool IsDurable { get; }

    /// <summary>The job's clock.</summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>The job's logger.</summary>
    public ILogger Logger { get; }

    /// <summary>The job's serializers.</summary>
    public SerializerRegistry Serializers { get; }

    /// <summary>A list that is kept in checkpoints and dealt out again at a restore; for writers, while they are created.</summary>
    /// <typeparam name="TItem">The item type; must be serializable.</typeparam>
    /// <param name="name">The name, unique in the sink.</param>
    /// <returns>The list, with what was restored.</returns>
    /// <exception cref="StreamKitException">Asked for by a committer.</exception>
    public OperatorListState<TItem> ListState<TItem>(string name) => Lists.Get<TItem>(name, isUnion: false);

    /// <summary>A list that is kept in checkpoints, and of which each writer is given all items of all writers at a restore; for writers, while they are created. See <see cref="OperatorContext.UnionListState"/>.</summary>
    /// <typeparam name="TItem">The item type; must be serializable.</typeparam>
    /// <param name="name">The name, unique in the sink.</param>
    /// <returns>The list, with what was restored.</returns>
    /// <exception cref="StreamKitException">Asked for by a committer.</exception>
    public OperatorListState<TItem> UnionListState<TItem>(string name) => Lists.Get<TItem>(name, isUnion: true);

    /// <summary>The beginning of every transaction id of this writer: job id, claim (20 digits) and subtask, each followed by a dash. Append a sequence number.</summary>
    public string TransactionPrefix => $"{JobId:N}-{Claim:D20}-{Subtask}-";

    private OperatorLists Lists =>
        _lists ?? throw new StreamKitException($"The committer of sink '{Name}' has no list state; only its writers have. Put what it needs into the transaction's payload.");
}
