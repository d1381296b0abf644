using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>An operator of the job that is about to start.</summary>
internal sealed record PlannedOperator
{
    public required string Name { get; init; }

    public required int Parallelism { get; init; }

    /// <summary>True when the operator has keyed state, whatever its key.</summary>
    public bool IsKeyed { get; init; }

    /// <summary>The key, to be compared with the checkpoint's; null when it is not known before the operator opens.</summary>
    public KeyDescription? Key { get; init; }

    /// <summary>The states, to be compared by name with the checkpoint's; null when they are not known before the operator opens.</summary>
    public IReadOnlyList<StateDescriptor>? States { get; init; }
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

    public required int NextStateId { get; init; }

    /// <summary>Operator list state: name to items.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>> Lists { get; init; }

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
