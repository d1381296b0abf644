using StreamKit.Elements;

namespace StreamKit.Graph;

/// <summary>Deals records out in turn.</summary>
internal sealed class RebalancePartitioning<T> : Partitioning<T>
{
    public override string Name => "rebalance";

    public override Partitioner<T> CreatePartitioner(PartitionerContext context) => new RebalancePartitioner<T>(context);
}

/// <summary>Gives each target an equal run of each batch, and what is left over in turn; begins with a different target for each sender.</summary>
internal sealed class RebalancePartitioner<T>(PartitionerContext context) : Partitioner<T>
{
    private int _next = context.Subtask % context.Targets;

    public override bool GivesRuns => true;

    public override void Partition(Batch<T> batch, Span<int> targets)
    {
        var run = Math.Max(1, targets.Length / context.Targets);
        while (!targets.IsEmpty)
        {
            var length = Math.Min(run, targets.Length);
            targets[..length].Fill(_next);
            targets = targets[length..];
            _next = _next + 1 == context.Targets ? 0 : _next + 1;
            if (targets.Length < run)
                run = 1;
        }
    }
}
