using StreamKit.Elements;
using StreamKit.Operators;

namespace StreamKit.Graph;

/// <summary>A node with inputs, whatever its types.</summary>
internal abstract class InputNode(string name, bool isNamedByUser) : StreamNode(name, isNamedByUser)
{
    public override bool IsSource => false;

    /// <summary>Calls back with the input type and the operator as its receiver.</summary>
    public abstract TResult Accept<TResult>(IOperator head, IInputVisitor<TResult> visitor);
}

internal interface IInputVisitor<TResult>
{
    TResult Visit<T>(Receiver<T> head);
}

/// <summary>An operator between sources and sinks.</summary>
internal sealed class OperatorNode<TIn, TOut>(string name, bool isNamedByUser, Func<Operator<TIn, TOut>> factory) : InputNode(name, isNamedByUser)
{
    public override bool IsSink => false;

    public override TResult Accept<TResult>(IOperator head, IInputVisitor<TResult> visitor) => visitor.Visit((Receiver<TIn>)head);

    public override IOperator CreateOperator(ChainWiring wiring)
    {
        var created = factory();
        created.Connect(new OperatorOutput<TOut>(wiring.Output<TOut>(null), wiring.SideOutputs(), wiring.Metrics));
        return created;
    }
}
