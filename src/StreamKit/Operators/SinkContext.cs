using Microsoft.Extensions.Logging;

namespace StreamKit;

/// <summary>What a sink learns of the job and subtask that run it.</summary>
public sealed class SinkContext
{
    internal SinkContext(string name, Guid jobId, long claim, int subtask, int parallelism, bool isDurable, TimeProvider timeProvider, ILogger logger, SerializerRegistry serializers)
    {
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

    /// <summary>The beginning of every transaction id of this writer: job id, claim (20 digits) and subtask, each followed by a dash. Append a sequence number.</summary>
    public string TransactionPrefix => $"{JobId:N}-{Claim:D20}-{Subtask}-";
}
