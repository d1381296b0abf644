using StreamKit.Checkpoints;
using StreamKit.Diagnostics;
using StreamKit.Graph;
using StreamKit.Planning;

namespace StreamKit.Runtime;

/// <summary>A checkpoint that fits the job which is about to start from it.</summary>
/// <param name="Manifest">The checkpoint under the names of today, without what nobody takes over.</param>
/// <param name="Operators">The operators of the job.</param>
/// <param name="Plan">Who gets which part.</param>
internal sealed record RestoreFit(CheckpointManifest Manifest, IReadOnlyList<PlannedOperator> Operators, RestorePlan Plan)
{
    /// <summary>Compares a checkpoint with the job.</summary>
    /// <param name="manifest">The checkpoint.</param>
    /// <param name="store">Where its files are.</param>
    /// <param name="origin">What it is, for messages; null for one of the job's own.</param>
    /// <param name="settings">The job's settings.</param>
    /// <param name="plan">The job's plan.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="StreamKitException">It does not fit; the message lists all reasons.</exception>
    public static async Task<RestoreFit> OfAsync(CheckpointManifest manifest, ICheckpointStore store, string? origin, JobSettings settings, JobPlan plan, CancellationToken cancellation)
    {
        var operators = plan.Chains.SelectMany(chain => chain.Nodes.Select(node => Planned(node, chain.Parallelism, settings.Serializers))).ToList();
        var committing = plan.Chains.SelectMany(static chain => chain.Nodes).OfType<SinkNode>().Select(static sink => sink.Name).ToList();
        var faults = new List<string>();
        manifest = OperatorRenames.Apply(manifest, settings.Restore.Renames, faults);
        var unclaimed = RestorePlanner.Unclaimed(manifest, operators).ToList();
        if (!settings.Restore.AllowNonRestoredState)
            faults.AddRange(await DescribeAsync(unclaimed, store, cancellation));
        var restore = RestorePlanner.Plan(manifest, operators, settings.MaxParallelism, committing, faults, origin);
        if (settings.Restore.AllowNonRestoredState)
        {
            foreach (var dropped in unclaimed)
                JobLog.StateDropped(settings.Logger, settings.Name, dropped.Name, UnclaimedState.Names(dropped));
        }

        var known = operators.Select(static each => each.Name).ToHashSet();
        return new RestoreFit(manifest with { Operators = [.. manifest.Operators.Where(each => known.Contains(each.Name))] }, operators, restore);
    }

    /// <summary>What is about to be refused is counted, so that nobody drops millions of rows for want of a name.</summary>
    private static async Task<IReadOnlyList<string>> DescribeAsync(IReadOnlyList<OperatorManifest> unclaimed, ICheckpointStore store, CancellationToken cancellation)
    {
        var described = new List<string>();
        foreach (var stored in unclaimed)
        {
            if (UnclaimedState.OfOperator(stored, await StateCensus.CountAsync(store, stored, cancellation)) is { } refusal)
                described.Add(refusal);
        }

        return described;
    }

    private static PlannedOperator Planned(StreamNode node, int parallelism, SerializerRegistry serializers) => new()
    {
        Name = node.Name,
        Parallelism = parallelism,
        Key = node.KeyedState?.Key(serializers),
        States = node.KeyedState?.States(serializers) ?? [],
    };
}
