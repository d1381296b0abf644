using StreamKit.Checkpoints;
using StreamKit.Elements;
using StreamKit.Graph;
using StreamKit.Operators;
using StreamKit.Planning;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Runtime;

/// <summary>What one operator and subtask starts with.</summary>
internal sealed record RestoredSubtask(
    long Watermark,
    IReadOnlyDictionary<string, ListSnapshot> Lists,
    IReadOnlyList<StateDescriptor> States,
    StoredSchemas Schemas,
    int NextStateId,
    IReadOnlyList<SegmentReference> Segments,
    bool IsRestored);

/// <summary>What a job starts with: the state of its checkpoint handed out to today's subtasks, or the splits that its sources find at their first start.</summary>
internal sealed class RestoredJob
{
    /// <summary>The first state id that an operator gives.</summary>
    public const int FirstStateId = 1;

    private readonly Dictionary<(string Operator, int Subtask), RestoredSubtask> _subtasks = [];
    private IReadOnlyList<OperatorManifest> _stored = [];

    public static async Task<RestoredJob> LoadAsync(JobSettings settings, JobPlan plan, CheckpointLog? log, CancellationToken cancellation)
    {
        var restored = new RestoredJob { Timestamp = log?.Base?.Timestamp ?? long.MinValue };
        if (log?.Base is { } manifest)
            restored.Take(await FitAsync(manifest, settings, plan, log, cancellation));
        foreach (var chain in plan.Chains)
        {
            foreach (var source in chain.Nodes.OfType<SourceNode>())
                await restored.DiscoverAsync(source, chain.Parallelism, settings, cancellation);
        }

        return restored;
    }

    /// <summary>When the checkpoint was made, in milliseconds since the Unix epoch; the smallest number when there is none.</summary>
    public long Timestamp { get; private init; } = long.MinValue;

    public RestoredSubtask? Of(string operatorName, int subtask) => _subtasks.GetValueOrDefault((operatorName, subtask));

    /// <summary>What the checkpoint says of an operator that it has state of.</summary>
    public OperatorManifest Stored(string operatorName) => _stored.First(each => each.Name == operatorName);

    /// <summary>Says which checkpoint it is that is damaged.</summary>
    public static CheckpointDamagedException Damaged(CheckpointLog log, CheckpointDamagedException cause)
    {
        var checkpoint = log.Base!.Number; // what is loaded is of a checkpoint
        return RestorePointFinder.Refusal($"checkpoint {checkpoint}", log.Job.Name, log.Store, checkpoint, cause);
    }

    private static async Task<RestoreFit> FitAsync(CheckpointManifest manifest, JobSettings settings, JobPlan plan, CheckpointLog log, CancellationToken cancellation)
    {
        try
        {
            return await RestoreFit.OfAsync(manifest, log.Store, origin: null, settings, plan, cancellation);
        }
        catch (CheckpointDamagedException cause)
        {
            throw Damaged(log, cause);
        }
    }


    private void Take(RestoreFit fit)
    {
        _stored = fit.Manifest.Operators;
        foreach (var planned in fit.Operators)
        {
            for (var subtask = 0; subtask < planned.Parallelism; subtask++)
            {
                if (fit.Plan.For(planned.Name, subtask) is { } part)
                    _subtasks.Add((planned.Name, subtask), new RestoredSubtask(part.Watermark, part.Lists, part.States, part.Schemas, part.NextStateId, part.Segments, IsRestored: true));
            }
        }
    }

    /// <summary>A source that no checkpoint knows finds its splits; they are dealt out in the order of their ids.</summary>
    private async Task DiscoverAsync(SourceNode source, int parallelism, JobSettings settings, CancellationToken cancellation)
    {
        if (_subtasks.ContainsKey((source.Name, 0)))
            return;
        var context = new SourceContext(source.Name, parallelism, settings.MaxParallelism, settings.TimeProvider, settings.Logger, settings.Serializers);
        var splits = await source.DiscoverAsync(context, cancellation);
        for (var subtask = 0; subtask < parallelism; subtask++)
        {
            var own = splits.Where((_, i) => i % parallelism == subtask).ToList();
            _subtasks.Add((source.Name, subtask), new RestoredSubtask(EventTime.None, SplitState.AsList(own), [], StoredSchemas.First, FirstStateId, [], IsRestored: false));
        }
    }
}
