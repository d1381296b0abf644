using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>What one operator and subtask contributes to a checkpoint; everything it names is uploaded.</summary>
internal sealed record OperatorSnapshot
{
    public required string OperatorName { get; init; }

    /// <summary>The number of subtasks of the operator.</summary>
    public required int Parallelism { get; init; }

    public required int Subtask { get; init; }

    /// <summary>The operator's watermark at the barrier.</summary>
    public required long Watermark { get; init; }

    /// <summary>How the keys are encoded, or null when the operator has no keyed state.</summary>
    public TypeSchema? Key { get; init; }

    public IReadOnlyList<StateDescriptor> States { get; init; } = [];

    /// <summary>The generations of the schemas of <see cref="States"/>, those included in which no segment is written any more.</summary>
    public StoredSchemas Schemas { get; init; } = StoredSchemas.First;

    /// <summary>The lowest state id that was never given.</summary>
    public int NextStateId { get; init; }

    /// <summary>All segments in force for this subtask, older ones included.</summary>
    public IReadOnlyList<SegmentReference> Segments { get; init; } = [];

    /// <summary>Operator list state, by name.</summary>
    public IReadOnlyDictionary<string, ListSnapshot> Lists { get; init; } = new Dictionary<string, ListSnapshot>();

    /// <summary>Transactions prepared at this barrier.</summary>
    public IReadOnlyList<PreparedTransaction> Prepared { get; init; } = [];
}

/// <summary>What one subtask contributes to a checkpoint.</summary>
internal sealed record SubtaskSnapshot(SubtaskId Subtask, IReadOnlyList<OperatorSnapshot> Operators);
