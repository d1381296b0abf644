using StreamKit.Elements;
using StreamKit.Operators;

namespace StreamKit.Graph;

/// <summary>A sink, whatever its type.</summary>
internal abstract class SinkNode(string name) : InputNode(name, isNamedByUser: true)
{
    public override bool IsSink => true;

    /// <summary>What the sink promises.</summary>
    public abstract SinkGuarantee Guarantee { get; }

    /// <summary>Makes the committer of an attempt; null when the sink has nothing to commit.</summary>
    public abstract SinkCommitter? CreateCommitter(SinkContext context);
}

/// <inheritdoc cref="SinkNode"/>
internal sealed class SinkNode<T> : SinkNode
{
    private readonly Sink<T> _sink;

    public SinkNode(string name, Sink<T> sink)
        : base(name)
    {
        _sink = sink;
        Checks.Add(graph => _sink.Validate(graph.Serializers, graph.IsDurable).Select(problem => $"Sink '{Name}': {problem}"));
    }

    public override SinkGuarantee Guarantee => _sink.Guarantee;

    public override SinkCommitter? CreateCommitter(SinkContext context) => _sink.CreateCommitter(context);

    public override TResult Accept<TResult>(IOperator head, IInputVisitor<TResult> visitor) => visitor.Visit((Receiver<T>)head);

    public override IOperator CreateOperator(ChainWiring wiring)
    {
        var created = new SinkOperator<T>(_sink);
        created.Connect(new OperatorOutput<Nothing>(wiring.Output<Nothing>(null), [], wiring.Metrics));
        return created;
    }
}
