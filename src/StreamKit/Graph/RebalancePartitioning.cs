using StreamKit.Elements;

namespace StreamKit.Graph;

/// <summary>Deals records out in turn.</summary>
internal sealed class RebalancePartitioning<T> : Partitioning<T>
{
    public override string Name => "rebalance";

    public override Partitioner<T> CreatePartitioner(PartitionerContext context) => new RebalancePartitioner<T>(context);
}

/// <summary>Gives runs of records to the targets in turn, beginning with a different one for each sender.</summary>
internal sealed class RebalancePartitioner<T>(PartitionerContext context) : Partitioner<T>
{
    private int _next = context.Subtask % context.Targets;

    public override void Partition(Batch<T> batch, Span<int> targets)
    {
        var next = _next;
        for (var i = 0; i < targets.Length; i++)
        {
            targets[i] = next;
            next = next + 1 == context.Targets ? 0 : next + 1;
        }

        _next = next;
    }
}
