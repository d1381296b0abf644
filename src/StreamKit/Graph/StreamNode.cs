using StreamKit.Operators;

namespace StreamKit.Graph;

/// <summary>One operator as the user wrote it: a vertex of the logical graph.</summary>
internal abstract class StreamNode(string name, bool isNamedByUser)
{
    private readonly List<StreamEdge> _inputs = [];
    private readonly List<StreamEdge> _outputs = [];

    public string Name { get; set; } = name;

    /// <summary>True when the name is part of the signature: state is found by it.</summary>
    public bool IsNamedByUser { get; } = isNamedByUser;

    /// <summary>Set by the user; otherwise the job's.</summary>
    public int? Parallelism { get; set; }

    public bool IsChainingDisabled { get; set; }

    /// <summary>The keyed state of the operator; null when it keeps none.</summary>
    public KeyedStateDeclaration? KeyedState { get; init; }

    /// <summary>True when records leave this node with timestamps and watermarks.</summary>
    public virtual bool AssignsEventTime => false;

    public abstract bool IsSource { get; }

    public abstract bool IsSink { get; }

    public IReadOnlyList<StreamEdge> Inputs => _inputs;

    public IReadOnlyList<StreamEdge> Outputs => _outputs;

    /// <summary>Mistakes that only the finished graph shows; each line names the remedy.</summary>
    public List<Func<GraphContext, IEnumerable<string>>> Checks { get; } = [];

    public static void Connect(StreamEdge edge)
    {
        edge.From._outputs.Add(edge);
        edge.To._inputs.Add(edge);
    }

    /// <summary>Makes the operator for one subtask and connects its outputs.</summary>
    public abstract IOperator CreateOperator(ChainWiring wiring);
}

/// <summary>What a node's checks may ask.</summary>
internal sealed record GraphContext(SerializerRegistry Serializers, int MaxParallelism, bool IsDurable, bool RequireReplayableSources, Action<string> Warn);

/// <summary>Records flow from a node, or from one of its side outputs, to another node.</summary>
internal sealed class StreamEdge(StreamNode from, OutputTag? tag, StreamNode to, Partitioning partitioning)
{
    public StreamNode From { get; } = from;

    public OutputTag? Tag { get; } = tag;

    public StreamNode To { get; } = to;

    public Partitioning Partitioning { get; } = partitioning;
}
