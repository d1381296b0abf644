namespace StreamKit.Graph;

/// <summary>Sends everything to every subtask.</summary>
internal sealed class BroadcastPartitioning<T> : Partitioning<T>
{
    public override string Name => "broadcast";

    public override bool IsBroadcast => true;

    public override Partitioner<T> CreatePartitioner(PartitionerContext context) => throw new InvalidOperationException("A broadcast has no partitioner.");
}
