namespace StreamKit.Graph;

/// <summary>All nodes of a job, in the order in which they were written.</summary>
internal sealed class StreamGraph
{
    private readonly List<StreamNode> _nodes = [];
    private readonly Dictionary<string, int> _unnamed = [];

    public IReadOnlyList<StreamNode> Nodes => _nodes;

    public void Add(StreamNode node) => _nodes.Add(node);

    /// <summary>A name for display, for an operator that the user did not name.</summary>
    public string NameFor(string verb)
    {
        var number = _unnamed[verb] = _unnamed.GetValueOrDefault(verb) + 1;
        return $"{verb}-{number}";
    }
}
