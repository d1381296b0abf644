using StreamKit.Elements;

namespace StreamKit.Graph;

/// <summary>Sends everything to the first subtask.</summary>
internal sealed class GlobalPartitioning<T> : Partitioning<T>
{
    public override string Name => "global";

    public override Partitioner<T> CreatePartitioner(PartitionerContext context) => new First();

    private sealed class First : Partitioner<T>
    {
        public override void Partition(Batch<T> batch, Span<int> targets) => targets.Clear();
    }
}
