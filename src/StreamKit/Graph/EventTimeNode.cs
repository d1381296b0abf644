using StreamKit.Elements;
using StreamKit.Operators;

namespace StreamKit.Graph;

/// <summary>A watermark strategy that does not stand directly behind a source.</summary>
internal sealed class EventTimeNode<T>(string name, WatermarkStrategy<T> strategy) : InputNode(name, isNamedByUser: false)
{
    public override bool AssignsEventTime => true;

    public override bool IsSink => false;

    public override TResult Accept<TResult>(IOperator head, IInputVisitor<TResult> visitor) => visitor.Visit((Receiver<T>)head);

    public override IOperator CreateOperator(ChainWiring wiring)
    {
        var created = new TimestampOperator<T>(strategy);
        created.Connect(new OperatorOutput<T>(wiring.Output<T>(null), wiring.SideOutputs(), wiring.Metrics));
        return created;
    }
}
