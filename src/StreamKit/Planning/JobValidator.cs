using StreamKit.Graph;

namespace StreamKit.Planning;

/// <summary>Finds every mistake of a graph. Pure but for the checks that nodes bring along.</summary>
internal static class JobValidator
{
    public static IReadOnlyList<string> Validate(StreamGraph graph, int parallelism, GraphContext context)
    {
        var problems = new List<string>();
        CheckShape(graph, problems);
        CheckNames(graph, problems);
        foreach (var node in graph.Nodes)
        {
            CheckParallelism(node, parallelism, context.MaxParallelism, problems);
            foreach (var check in node.Checks)
                problems.AddRange(check(context));
        }

        return [.. problems.Distinct()];
    }

    private static void CheckShape(StreamGraph graph, List<string> problems)
    {
        if (!graph.Nodes.Any(static node => node.IsSource))
            problems.Add("The job has no source. Begin with builder.FromSource(name, source).");
        else if (!graph.Nodes.Any(static node => node.IsSink))
            problems.Add("The job has no sink. End each stream with SinkTo or CollectTo.");
        foreach (var node in graph.Nodes)
        {
            if (!node.IsSink && node.Outputs.Count == 0 && graph.Nodes.Any(static other => other.IsSink))
                problems.Add($"Nobody reads the output of operator '{node.Name}'. End the stream with SinkTo (Sink.Discard<T>() if its records are not wanted), or remove the operator.");
        }
    }

    private static void CheckNames(StreamGraph graph, List<string> problems)
    {
        foreach (var same in graph.Nodes.GroupBy(static node => node.Name, StringComparer.Ordinal).Where(static same => same.Count() > 1))
            problems.Add($"{same.Count()} operators are named '{same.Key}'. State is found again by its operator's name, so give each a name of its own.");
        foreach (var node in graph.Nodes.Where(static node => string.IsNullOrWhiteSpace(node.Name)))
            problems.Add($"An operator ({node.GetType().Name.Split('`')[0]}) has an empty name. Give it a name: its state is found by it.");
    }

    private static void CheckParallelism(StreamNode node, int parallelism, int maxParallelism, List<string> problems)
    {
        var own = JobPlanner.ParallelismOf(node, parallelism);
        if (own < 1)
            problems.Add($"Operator '{node.Name}' has parallelism {own}. It must be at least 1.");
        else if (own > maxParallelism)
            problems.Add($"Operator '{node.Name}' has parallelism {own}, above the maximum of {maxParallelism}. Lower it, or raise MaxParallelism (possible only before the job's first checkpoint).");
    }
}
