using StreamKit.Checkpoints;
using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.Planning;

namespace StreamKit.Runtime;

/// <summary>The counts of a job, kept over all its attempts. Safe for use by several threads.</summary>
internal sealed class MetricsRegistry
{
    private readonly List<(string Name, OperatorMetrics[] Subtasks)> _operators = [];
    private readonly TimeProvider _time;
    private CheckpointSummary? _last;
    private long _completed;
    private long _failed;

    public MetricsRegistry(JobPlan plan, TimeProvider time)
    {
        _time = time;
        foreach (var chain in plan.Chains)
        {
            foreach (var node in chain.Nodes)
                _operators.Add((node.Name, [.. Enumerable.Range(0, chain.Parallelism).Select(static _ => new OperatorMetrics())]));
        }
    }

    /// <summary>Checkpoints completed; a failure with none since the last one is a failure in a row.</summary>
    public long Completed => Volatile.Read(ref _completed);

    public OperatorMetrics Of(string operatorName, int subtask) => _operators.First(each => each.Name == operatorName).Subtasks[subtask];

    public void OnCompleted(CheckpointResult result)
    {
        Volatile.Write(ref _last, new CheckpointSummary(result.Number, _time.GetUtcNow(), result.Duration, result.Bytes, result.StateBytes));
        Interlocked.Increment(ref _completed);
    }

    public void OnFailed() => Interlocked.Increment(ref _failed);

    public JobMetrics Snapshot(JobStatus status, int restarts) => new(
        status,
        [.. _operators.Select(static each => Sum(each.Name, each.Subtasks))],
        Completed,
        Interlocked.Read(ref _failed),
        Volatile.Read(ref _last),
        restarts);

    private static OperatorMetricsSnapshot Sum(string name, OperatorMetrics[] subtasks) => new(
        name,
        subtasks.Length,
        subtasks.Sum(static each => each.RecordsIn),
        subtasks.Sum(static each => each.RecordsOut),
        subtasks.Sum(static each => each.LateRecords),
        subtasks.Length == 0 ? EventTime.None : subtasks.Min(static each => each.Watermark));
}
