using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>An operator of the job that is about to start.</summary>
internal sealed record PlannedOperator
{
    public required string Name { get; init; }

    public required int Parallelism { get; init; }

    /// <summary>How its keys are encoded, to be compared with the checkpoint's; null without keyed state.</summary>
    public TypeSchema? Key { get; init; }

    /// <summary>The states that are known before the operator opens, to be compared by name with the checkpoint's. The others are compared when they are declared.</summary>
    public IReadOnlyList<StateSignature> States { get; init; } = [];
}

/// <summary>What one subtask of an operator starts from.</summary>
internal sealed record SubtaskRestore
{
    /// <summary>The key groups of the subtask; empty for an operator without keyed state.</summary>
    public required KeyGroupRange KeyGroups { get; init; }

    /// <summary>The segments that hold some of these key groups, clipped to them, from the oldest to the newest.</summary>
    public required IReadOnlyList<SegmentReference> Segments { get; init; }

    /// <summary>The states that the rows belong to.</summary>
    public required IReadOnlyList<StateDescriptor> States { get; init; }

    /// <summary>The generations of the schemas of <see cref="States"/>.</summary>
    public required StoredSchemas Schemas { get; init; }

    public required int NextStateId { get; init; }

    /// <summary>Operator list state, by name.</summary>
    public required IReadOnlyDictionary<string, ListSnapshot> Lists { get; init; }

    public required long Watermark { get; init; }
}

/// <summary>Who gets which part of a checkpoint.</summary>
internal sealed class RestorePlan(IReadOnlyDictionary<string, IReadOnlyList<SubtaskRestore>> operators, IReadOnlyList<PreparedTransaction> transactions)
{
    /// <summary>The transactions to commit (again) before the tasks start.</summary>
    public IReadOnlyList<PreparedTransaction> Transactions => transactions;

    /// <summary>What a subtask starts from; null when the checkpoint does not know its operator, which then starts empty.</summary>
    public SubtaskRestore? For(string operatorName, int subtask) =>
        operators.TryGetValue(operatorName, out IReadOnlyList<SubtaskRestore>? subtasks) ? subtasks[subtask] : null;
}
