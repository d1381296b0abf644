using Microsoft.Extensions.Logging;

namespace StreamKit.Checkpoints;

/// <summary>What a <see cref="CheckpointCoordinator"/> works with; one per attempt to run a job.</summary>
internal sealed class CheckpointCoordinatorSetup
{
    public required string JobName { get; init; }

    public required CheckpointOptions Options { get; init; }

    public required TimeProvider TimeProvider { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Where the coordinator's work is run; may run things in parallel. Callbacks are called there, one at a time.</summary>
    public required SynchronizationContext Context { get; init; }

    /// <summary>The log of this attempt; null for a job without a store, whose checkpoints only commit its sinks.</summary>
    public CheckpointLog? Log { get; init; }

    /// <summary>All subtasks; every one reports on every checkpoint, also after its input has ended.</summary>
    public required IReadOnlyCollection<SubtaskId> Participants { get; init; }

    /// <summary>Committers by the name of the sink.</summary>
    public required IReadOnlyDictionary<string, ICheckpointCommitter> Committers { get; init; }

    /// <summary>The name that a sink of the checkpoint started from has now.</summary>
    public Func<string, string> SinkName { get; init; } = static name => name;

    /// <summary>Asks all sources for a barrier. Throws when that is not possible; the checkpoint has then failed.</summary>
    public required Action<CheckpointRequest> TriggerSources { get; init; }

    /// <summary>Called once, when the attempt has to end; <see cref="JobFencedException"/> means for good.</summary>
    public required Action<Exception> OnFailure { get; init; }

    public Action<CheckpointResult>? OnCompleted { get; init; }

    /// <summary>A checkpoint failed; the job goes on unless <see cref="OnFailure"/> is called too.</summary>
    public Action<CheckpointRequest, Exception>? OnCheckpointFailed { get; init; }
}
