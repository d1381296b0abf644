using StreamKit.Graph;

namespace StreamKit.Planning;

/// <summary>Turns the graph into chains. Pure.</summary>
internal static class JobPlanner
{
    public static JobPlan Plan(IReadOnlyList<StreamNode> nodes, int defaultParallelism)
    {
        var chains = new List<PlannedChain>();
        var chainOf = new Dictionary<StreamNode, PlannedChain>();
        foreach (var head in nodes)
        {
            if (head.Inputs.Count == 1 && IsChained(head.Inputs[0], defaultParallelism))
                continue;
            var members = new List<StreamNode>();
            Gather(head, defaultParallelism, members);
            var chain = new PlannedChain(chains.Count, members, ParallelismOf(head, defaultParallelism));
            chains.Add(chain);
            foreach (var member in members)
                chainOf.Add(member, chain);
        }

        foreach (var chain in chains)
        {
            foreach (var edge in chain.Head.Inputs)
                chain.Inputs.Add(new PlannedEdge(edge, chainOf[edge.From], chain));
        }

        return new JobPlan(chains);
    }

    public static int ParallelismOf(StreamNode node, int defaultParallelism) => node.Parallelism ?? defaultParallelism;

    /// <summary>
    /// Two operators share a task when records stay in their subtask anyway: on a forward edge between equal parallelisms, and on any edge between single subtasks.
    /// </summary>
    public static bool IsChained(StreamEdge edge, int defaultParallelism)
    {
        if (edge.To.IsChainingDisabled || edge.To.Inputs.Count != 1)
            return false;
        var from = ParallelismOf(edge.From, defaultParallelism);
        var to = ParallelismOf(edge.To, defaultParallelism);
        return from == to && (edge.Partitioning.IsForward || from == 1);
    }

    private static void Gather(StreamNode node, int defaultParallelism, List<StreamNode> members)
    {
        members.Add(node);
        foreach (var edge in node.Outputs)
        {
            if (IsChained(edge, defaultParallelism))
                Gather(edge.To, defaultParallelism, members);
        }
    }
}
