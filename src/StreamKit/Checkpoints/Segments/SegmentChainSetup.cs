using Microsoft.Extensions.Logging;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>What a <see cref="SegmentChain"/> works with.</summary>
internal sealed class SegmentChainSetup
{
    /// <summary>Whose state it is, for messages.</summary>
    public required string OperatorName { get; init; }

    public required int Subtask { get; init; }

    public required ICheckpointStore Store { get; init; }

    /// <summary>The claim under which the attempt stores.</summary>
    public required long Claim { get; init; }

    /// <summary>Names operator and subtask within the files of the claim.</summary>
    public required string Part { get; init; }

    /// <summary>Runs work that takes a while beside everything else, such as the job's executor does. Must not run it before it returns.</summary>
    public required Func<Func<Task>, Task> Run { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>What merges of all chains may take together.</summary>
    public required MergeRoom Room { get; init; }

    /// <summary>Decides which neighbours to merge: the first one's place and their number.</summary>
    public Func<IReadOnlyList<MergeCandidate>, (int First, int Count)?> Pick { get; init; } = SegmentMergePicker.Pick;

    /// <summary>Follows the chain, so that the subtask can read through it; null when all of its state is in memory. Its token is cancelled before the chain is disposed of.</summary>
    public ChainView? View { get; init; }

    /// <summary>The generations of schemas that rows are written in; merges bring them to the newest. By default there is only one.</summary>
    public SchemaHistory Schemas { get; init; } = new([], StoredSchemas.First);

    /// <summary>Tells which rows a merge may leave out; null when none can die without being deleted. Called beside the task.</summary>
    public Func<IsDeadRow?> DeadRows { get; init; } = static () => null;
}
