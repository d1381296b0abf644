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

    /// <summary>Loads the rows of a keyed operator's subtask, from the oldest segment to the newest.</summary>
    /// <returns>The segments, in that order.</returns>
    /// <exception cref="CheckpointDamagedException">A segment is damaged or missing.</exception>
    /// <exception cref="StreamKitException">The checkpoint holds state that the operator does not declare.</exception>
    public async Task<IReadOnlyList<ChainedSegment>> LoadKeyedStateAsync(string operatorName, int subtask, KeyedState keyed, CheckpointLog log, JobSettings settings, CancellationToken cancellation)
    {
        if (Of(operatorName, subtask) is not { Segments.Count: > 0 } restored)
            return [];
        try
        {
            await UndeclaredState.SettleAsync(log, Stored(operatorName), subtask, keyed, settings, cancellation);
            var loaded = await LoadAsync(operatorName, restored, keyed, log.Store, cancellation);
            keyed.MarkStored();
            return loaded;
        }
        catch (StoredObjectNotFoundException cause)
        {
            throw Damaged(log, new CheckpointDamagedException(cause.Name, "content", "it is missing, although the checkpoint names it", cause));
        }
        catch (CheckpointDamagedException cause)
        {
            throw Damaged(log, cause);
        }
    }

    private static CheckpointDamagedException Damaged(CheckpointLog log, CheckpointDamagedException cause)
    {
        var checkpoint = log.Base!.Number; // what is loaded is of a checkpoint
        return RestorePointFinder.Refusal($"checkpoint {checkpoint}", log.Job.Name, log.Store, checkpoint, cause);
    }

    private static async Task<IReadOnlyList<ChainedSegment>> LoadAsync(string operatorName, RestoredSubtask restored, KeyedState keyed, ICheckpointStore store, CancellationToken cancellation)
    {
        var segments = new List<(SegmentReader Segment, KeyGroupRange KeyGroups)>();
        foreach (var reference in restored.Segments)
        {
            var reader = await SegmentReader.OpenAsync(StoredSegmentSource.Of(store, reference), reference.Checksum, cancellation);
            if (reader.Info.KeyFingerprint != keyed.KeySchema.Fingerprint)
            {
                throw new StreamKitException(
                    $"The key of operator '{operatorName}' is {keyed.KeySchema}, but its state in the checkpoint was stored by a key of another kind. "
                    + "Key the stream by the type it was keyed by, or give the operator another name to start it empty.");
            }

            segments.Add((reader, reference.KeyGroups));
        }

        using var rows = new SegmentMerge(segments, keepsTombstones: false);
        using var scratch = new PooledBufferWriter();
        RowConversions?[] conversions = [.. restored.Segments.Select(reference => keyed.Schemas.Of(reference.Generation))];
        while (await rows.MoveNextAsync(cancellation))
            Load(keyed, rows.Current, conversions[rows.CurrentAge], scratch);
        return [.. restored.Segments.Select((reference, i) => new ChainedSegment(reference, segments[i].Segment.Info))];
    }

    private static void Load(KeyedState keyed, SegmentRow row, RowConversions? conversions, PooledBufferWriter scratch) => keyed.Load(
        row.KeyGroup, row.StateId, row.Key, row.SubKey, conversions is null ? row.Value : conversions.Convert(row.StateId, row.SubKey, row.Value, scratch));

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

    private OperatorManifest Stored(string operatorName) => _stored.First(each => each.Name == operatorName);

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
