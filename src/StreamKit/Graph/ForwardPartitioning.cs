namespace StreamKit.Graph;

/// <summary>Subtask i sends to subtask i. Between different parallelisms it becomes a rebalance.</summary>
internal sealed class ForwardPartitioning<T> : Partitioning<T>
{
    public override string Name => "forward";

    public override bool IsForward => true;

    public override Partitioner<T> CreatePartitioner(PartitionerContext context) => new RebalancePartitioner<T>(context);
}
