using StreamKit.Graph;

namespace StreamKit.Planning;

/// <summary>What is run: chains of operators, each with its number of subtasks, and the edges between them.</summary>
internal sealed record JobPlan(IReadOnlyList<PlannedChain> Chains);

/// <summary>Operators that run as one task per subtask, calling each other directly. The first is the head; a chain may branch.</summary>
internal sealed class PlannedChain(int id, IReadOnlyList<StreamNode> nodes, int parallelism)
{
    public int Id { get; } = id;

    public IReadOnlyList<StreamNode> Nodes { get; } = nodes;

    public int Parallelism { get; } = parallelism;

    public StreamNode Head => Nodes[0];

    /// <summary>The edges that come from other chains, in a fixed order.</summary>
    public List<PlannedEdge> Inputs { get; } = [];

    public string Name => string.Join(" -> ", Nodes.Select(static node => node.Name));
}

/// <summary>An edge between chains.</summary>
internal sealed record PlannedEdge(StreamEdge Edge, PlannedChain From, PlannedChain To)
{
    /// <summary>True when subtask i is connected with subtask i alone.</summary>
    public bool IsOneToOne => Edge.Partitioning.IsForward && From.Parallelism == To.Parallelism;
}
