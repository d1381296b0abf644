using StreamKit.Elements;

namespace StreamKit.Operators;

/// <summary>Connects the operators of one task while its chain is built, from the node that is being built towards its outputs.</summary>
internal abstract class ChainWiring
{
    /// <summary>Where a node's main output (no tag) or side output goes.</summary>
    public abstract Receiver<T> Output<T>(OutputTag<T>? tag);

    /// <summary>The counts of the node that is being built.</summary>
    public abstract OperatorMetrics Metrics { get; }

    /// <summary>The node's connected side outputs.</summary>
    public abstract IReadOnlyList<SideOutput> SideOutputs();
}
