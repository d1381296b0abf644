using Microsoft.Extensions.Logging;
using StreamKit.State;

namespace StreamKit.Operators;

/// <summary>What the task that runs an operator offers it; one object per operator, subtask and attempt.</summary>
internal abstract class OperatorServices
{
    public required string JobName { get; init; }

    public required string OperatorName { get; init; }

    public required int Subtask { get; init; }

    public required int Parallelism { get; init; }

    public required int MaxParallelism { get; init; }

    public required Guid JobId { get; init; }

    /// <summary>The number under which this attempt claimed the job.</summary>
    public required long Claim { get; init; }

    /// <summary>True when checkpoints are kept in a store.</summary>
    public required bool IsDurable { get; init; }

    public required TimeProvider TimeProvider { get; init; }

    public required ILogger Logger { get; init; }

    public required SerializerRegistry Serializers { get; init; }

    /// <summary>Counts of this operator and subtask.</summary>
    public required OperatorMetrics Metrics { get; init; }

    /// <summary>Cancelled when the attempt ends.</summary>
    public required CancellationToken Stopping { get; init; }

    /// <summary>List state of this subtask as of the checkpoint restored, by name; empty on a fresh start.</summary>
    public required IReadOnlyDictionary<string, ListSnapshot> RestoredLists { get; init; }

    /// <summary>The list states that the operator has declared.</summary>
    public HashSet<string> DeclaredLists { get; } = [];

    /// <summary>The operator's watermark as of the checkpoint restored; <see cref="Elements.EventTime.None"/> on a fresh start.</summary>
    public required long RestoredWatermark { get; init; }

    /// <summary>When the checkpoint restored was made, in milliseconds since the Unix epoch; the smallest number on a fresh start.</summary>
    public long RestoredTime { get; init; } = long.MinValue;

    /// <summary>The key groups of this subtask.</summary>
    public required KeyGroupRange KeyGroups { get; init; }

    /// <summary>The keyed states that the checkpoint has of this operator; empty on a fresh start. Their rows are loaded after <see cref="IOperator.Open"/>.</summary>
    public required IReadOnlyList<StateDescriptor> RestoredStates { get; init; }

    /// <summary>The generations of the schemas of those states.</summary>
    public StoredSchemas RestoredSchemas { get; init; } = StoredSchemas.First;

    /// <summary>Why list states cannot take over what the checkpoint has of them, and which are left; each with the remedy. Keyed states have theirs in <see cref="KeyedState.Schemas"/>.</summary>
    public List<string> Refusals { get; } = [];

    /// <summary>What has changed in list states that were taken over.</summary>
    public List<string> Changes { get; } = [];

    /// <summary>The lowest id that the operator never gave to a keyed state.</summary>
    public required int NextStateId { get; init; }

    /// <summary>True when the job restored this operator from a checkpoint.</summary>
    public required bool IsRestored { get; init; }

    /// <summary>Turns a record or key into text for error messages; returns null to keep it out of them.</summary>
    public required Func<object, string?> DescribeRecord { get; init; }

    /// <summary>Milliseconds since the Unix epoch, by the job's clock.</summary>
    public long Now => TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Refuses list state that the checkpoint has and the operator did not declare while it opened: it would be lost.</summary>
    public void RefuseListsThatAreLeft()
    {
        foreach (var (name, list) in RestoredLists)
        {
            if (list.Items.Count > 0 && !DeclaredLists.Contains(name))
            {
                Refusals.Add(
                    $"The checkpoint holds list state '{name}' of {list.Schema}, which the operator does not declare. "
                    + "Declare it while the operator opens, as it was before; empty it there if it is no longer needed.");
            }
        }
    }

    /// <summary>Wakes the task, from any thread, so that it looks at <see cref="IOperator.IsReady"/> and its inputs again.</summary>
    public abstract void Notify();

    /// <summary>Ends the attempt with a failure that happened outside the task's thread.</summary>
    public abstract void Fail(Exception cause);

    /// <summary>Names the operator, subtask and record in a failure; leaves one that is named already as it is.</summary>
    public Exception Explain(Exception cause, object? record = null) => Explain(cause, record, firing: null, key: null);

    /// <summary>Names the operator, subtask, timer or window and key in a failure; leaves one that is named already as it is.</summary>
    /// <param name="cause">What was thrown.</param>
    /// <param name="firing">Which timer or window.</param>
    /// <param name="key">Its key; null when it is not known.</param>
    /// <param name="record">The late record that made it fire; null when time did.</param>
    public Exception ExplainFiring(Exception cause, string firing, object? key, object? record = null) => Explain(cause, record, firing, key);

    /// <summary>Adds an operator's cut to the checkpoint whose barrier passes now.</summary>
    public abstract void Contribute(OperatorCut cut);

    private Exception Explain(Exception cause, object? record, string? firing, object? key) =>
        cause is OperatorFailedException or OperationCanceledException ? cause : new OperatorFailedException(this, RecordText.Of(record, DescribeRecord), firing, RecordText.Of(key, DescribeRecord), cause);
}
