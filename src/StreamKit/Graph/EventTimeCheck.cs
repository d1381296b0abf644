namespace StreamKit.Graph;

/// <summary>Finds the sources from which records come to a node without timestamps and watermarks.</summary>
internal static class EventTimeCheck
{
    public static IEnumerable<string> Missing(StreamNode node)
    {
        var seen = new HashSet<StreamNode>();
        var ahead = new Stack<StreamNode>([node]);
        while (ahead.TryPop(out var at))
        {
            foreach (var edge in at.Inputs)
            {
                if (edge.From.AssignsEventTime || !seen.Add(edge.From))
                    continue;
                if (edge.From.IsSource)
                    yield return $"Operator '{node.Name}' works in event time, but the records of source '{edge.From.Name}' come without timestamps. Call AssignTimestampsAndWatermarks behind that source.";
                ahead.Push(edge.From);
            }
        }
    }
}
