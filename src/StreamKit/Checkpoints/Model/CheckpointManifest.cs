using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>What identifies a job for its whole life. Fixed by the first entry of its log.</summary>
/// <param name="Name">The name the user gave it.</param>
/// <param name="Id">Made at the first entry.</param>
/// <param name="MaxParallelism">The number of key groups.</param>
internal sealed record JobIdentity(string Name, Guid Id, int MaxParallelism);

/// <summary>A complete checkpoint: everything that is needed to go on from it.</summary>
internal sealed record CheckpointManifest
{
    public required JobIdentity Job { get; init; }

    /// <summary>The number of the log entry that committed it.</summary>
    public required long Number { get; init; }

    /// <summary>The claim of the runner that made it.</summary>
    public required long Claim { get; init; }

    /// <summary>When it was committed: milliseconds since the Unix epoch, by the job's clock.</summary>
    public required long Timestamp { get; init; }

    /// <summary>True when the job had come to its end: there is nothing left to process.</summary>
    public bool Finished { get; init; }

    public required IReadOnlyList<OperatorManifest> Operators { get; init; }

    /// <summary>All transactions prepared and not known to be committed when the checkpoint was made, in the order of their preparation.</summary>
    public required IReadOnlyList<PreparedTransaction> Transactions { get; init; }

    /// <summary>The stored objects that the checkpoint is made of.</summary>
    public IEnumerable<string> ObjectNames =>
        Operators.SelectMany(o => o.Segments).Select(s => s.ObjectName).OfType<string>().Distinct();
}

/// <summary>One operator in a checkpoint, all its subtasks together.</summary>
internal sealed record OperatorManifest
{
    public required string Name { get; init; }

    public required int Parallelism { get; init; }

    /// <summary>How the keys are encoded, or null when the operator has no keyed state.</summary>
    public TypeSchema? Key { get; init; }

    public IReadOnlyList<StateDescriptor> States { get; init; } = [];

    /// <summary>The generations of the schemas of <see cref="States"/>: which one they are of, and those before in which segments are still written.</summary>
    public StoredSchemas Schemas { get; init; } = StoredSchemas.First;

    /// <summary>The lowest state id that was never given: ids of states that were dropped are not given again.</summary>
    public int NextStateId { get; init; }

    /// <summary>The operator list states that any subtask has: name to the schema of the items.</summary>
    public IReadOnlyDictionary<string, TypeSchema> Lists { get; init; } = new Dictionary<string, TypeSchema>();

    /// <summary>Those of <see cref="Lists"/> of which a restore gives all items to each subtask, instead of dealing them out; in order of their names.</summary>
    public IReadOnlyList<string> UnionLists { get; init; } = [];

    public IReadOnlyList<SegmentReference> Segments { get; init; } = [];

    /// <summary>What belongs to the subtasks rather than to keys, in the order of the subtasks.</summary>
    public required IReadOnlyList<SubtaskManifest> Subtasks { get; init; }
}

/// <summary>The part of one subtask of an operator in a checkpoint.</summary>
/// <param name="Index">The subtask.</param>
/// <param name="Watermark">Its watermark at the barrier.</param>
/// <param name="Lists">Operator list state: name to items. The schemas are <see cref="OperatorManifest.Lists"/>.</param>
internal sealed record SubtaskManifest(int Index, long Watermark, IReadOnlyDictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>> Lists);
