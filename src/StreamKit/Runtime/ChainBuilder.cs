using StreamKit.Elements;
using StreamKit.Graph;
using StreamKit.Operators;
using StreamKit.Planning;

namespace StreamKit.Runtime;

/// <summary>Builds the operators of one subtask, from the head of its chain to the exchanges at its ends. Used once.</summary>
internal sealed class ChainBuilder(PlannedChain chain, int subtask, ExchangeMap exchanges, MetricsRegistry metrics) : ChainWiring
{
    private readonly Stack<StreamNode> _building = new();
    private readonly List<(StreamNode Node, IOperator Operator)> _built = [];
    private readonly List<IExchangeWriter> _outputs = [];

    public override OperatorMetrics Metrics => metrics.Of(_building.Peek().Name, subtask);

    /// <summary>The operators, those at the ends of the chain first: an operator is opened before those that send to it.</summary>
    public IReadOnlyList<(StreamNode Node, IOperator Operator)> Built => _built;

    public IReadOnlyList<IExchangeWriter> Outputs => _outputs;

    /// <returns>The head's operator.</returns>
    public IOperator Build() => Build(chain.Head);

    public override Receiver<T> Output<T>(OutputTag<T>? tag)
    {
        var receivers = new List<Receiver<T>>();
        foreach (var edge in _building.Peek().Outputs)
        {
            if (edge.Tag?.Name == tag?.Name && edge.Tag?.Type == tag?.Type)
                receivers.Add(Receive<T>(edge));
        }

        return receivers.Count switch
        {
            0 => new Discard<T>(),
            1 => receivers[0],
            _ => new FanOut<T>([.. receivers]),
        };
    }

    public override IReadOnlyList<SideOutput> SideOutputs()
    {
        var tags = new List<OutputTag>();
        foreach (var edge in _building.Peek().Outputs)
        {
            if (edge.Tag is { } tag && !tags.Exists(other => other.Name == tag.Name && other.Type == tag.Type))
                tags.Add(tag);
        }

        return [.. tags.Select(tag => tag.Connect(this))];
    }

    private IOperator Build(StreamNode node)
    {
        _building.Push(node);
        var built = node.CreateOperator(this);
        _building.Pop();
        _built.Add((node, built));
        return built;
    }

    private Receiver<T> Receive<T>(StreamEdge edge)
    {
        if (chain.Nodes.Contains(edge.To))
            return (Receiver<T>)Build(edge.To);
        var writer = exchanges.Writer<T>(edge, subtask);
        _outputs.Add(writer);
        return writer;
    }
}
