using StreamKit.Elements;

namespace StreamKit.Graph;

/// <summary>How the records of an edge are dealt out to the subtasks behind it.</summary>
internal abstract class Partitioning
{
    /// <summary>The strategy's name, for display.</summary>
    public abstract string Name { get; }

    /// <summary>True when subtask i sends to subtask i only, which is what lets operators be chained.</summary>
    public virtual bool IsForward => false;

    /// <summary>True when every subtask gets every record.</summary>
    public virtual bool IsBroadcast => false;

    /// <summary>Calls back with the record type.</summary>
    public abstract TResult Accept<TResult>(IPartitioningVisitor<TResult> visitor);
}

internal interface IPartitioningVisitor<TResult>
{
    TResult Visit<T>(Partitioning<T> partitioning);
}

/// <inheritdoc cref="Partitioning"/>
internal abstract class Partitioning<T> : Partitioning
{
    public override TResult Accept<TResult>(IPartitioningVisitor<TResult> visitor) => visitor.Visit(this);

    /// <summary>Makes the partitioner of one sending subtask; not asked for when forward or broadcast.</summary>
    public abstract Partitioner<T> CreatePartitioner(PartitionerContext context);
}

/// <summary>What a partitioner needs to know.</summary>
internal sealed record PartitionerContext(string OperatorName, int Subtask, int Targets, int MaxParallelism, SerializerRegistry Serializers, Func<object, string?> DescribeRecord);

/// <summary>Chooses the target of each record. One object per sending subtask; one thread.</summary>
internal abstract class Partitioner<T>
{
    /// <summary>True when neighbours mostly go to one target, so that they are copied together.</summary>
    public virtual bool GivesRuns => false;

    /// <summary>Writes the target subtask of each record of the batch.</summary>
    public abstract void Partition(Batch<T> batch, Span<int> targets);
}
