using StreamKit.Graph;

namespace StreamKit;

/// <summary>The end of a stream.</summary>
public sealed class DataStreamSink
{
    private readonly StreamNode _node;

    internal DataStreamSink(StreamNode node) => _node = node;

    /// <summary>Sets the number of subtasks of the sink.</summary>
    /// <param name="parallelism">At least 1, at most the job's maximum parallelism.</param>
    /// <returns>This sink.</returns>
    public DataStreamSink WithParallelism(int parallelism)
    {
        _node.Parallelism = parallelism;
        return this;
    }

    /// <summary>Runs the sink in tasks of its own, instead of chained to the operator before it.</summary>
    /// <returns>This sink.</returns>
    public DataStreamSink DisableChaining()
    {
        _node.IsChainingDisabled = true;
        return this;
    }
}
