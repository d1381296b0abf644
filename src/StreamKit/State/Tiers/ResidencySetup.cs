using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace StreamKit.State;

/// <summary>What a <see cref="Residency"/> works with.</summary>
internal sealed class ResidencySetup
{
    /// <summary>The operator and subtask, for errors.</summary>
    public required string Name { get; init; }

    /// <summary>Tells the files of this operator and subtask from those of others; a part of their names.</summary>
    public required string Part { get; init; }

    /// <summary>Where values go that do not fit into memory; null where all fit, and are only not read yet.</summary>
    public required ILocalState? Local { get; init; }

    /// <summary>The memory of this subtask's values.</summary>
    public required long HotBytes { get; init; }

    /// <summary>Cancelled when the attempt ends.</summary>
    public required CancellationToken Stopping { get; init; }

    /// <summary>Whether cuts are taken that have to hold what left memory.</summary>
    public required bool IsDurable { get; init; }

    /// <summary>Runs work on the job's executor.</summary>
    public required Func<Func<Task>, Task> Run { get; init; }

    /// <summary>Told what is wrong with the memory, once.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Wakes the task, from any thread.</summary>
    public required Action Notify { get; init; }

    /// <summary>Says what damage of a checkpoint, found while its rows are read, means to the job.</summary>
    public Func<Exception, Exception> Explain { get; init; } = static cause => cause;
}
