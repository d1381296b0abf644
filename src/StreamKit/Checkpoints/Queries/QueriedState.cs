using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>
/// The newest committed checkpoint of a job, for queries beside the job: mounts the segments of the operators that are asked for. A segment stays mounted
/// from one checkpoint to the next, and one cache has the blocks of all. Nothing happens while nobody asks. Safe for concurrent use.
/// </summary>
/// <param name="jobName">The job, for messages.</param>
/// <param name="store">Where its checkpoints are; null when it has no store.</param>
/// <param name="committed">Says which checkpoint is the newest.</param>
/// <param name="renames">The names of operators in older checkpoints to those of today.</param>
/// <param name="cacheCapacity">The bytes of blocks that are kept in memory.</param>
internal sealed class QueriedState(string jobName, ICheckpointStore? store, CommittedCheckpoints committed, IReadOnlyDictionary<string, string> renames, long cacheCapacity)
{
    /// <summary>Reads of one query that are under way at a time: enough to hide the wait for a store, few enough not to be a burst.</summary>
    private const int RequestsAtATime = 16;

    private readonly BlockCache _cache = new(cacheCapacity);
    private readonly Dictionary<string, OperatorMount> _operators = [];

    /// <summary>The newest checkpoint; null when there is none.</summary>
    public CheckpointManifest? Newest => committed.Newest;

    /// <summary>Keeps the newest checkpoint until the reading is disposed of.</summary>
    /// <exception cref="NoCheckpointException">There is none yet, or the job has not been claimed yet.</exception>
    /// <exception cref="StreamKitException">The job has no store.</exception>
    public CheckpointReading BeginReading()
    {
        if (store is null)
        {
            throw new StreamKitException($"Job '{jobName}' cannot be queried: answers come from its checkpoints, and it keeps none. Call UseCheckpoints.");
        }

        return committed.BeginReading() ?? throw new NoCheckpointException(jobName);
    }

    /// <summary>Mounts an operator.</summary>
    /// <param name="reading">The checkpoint.</param>
    /// <param name="operatorName">The operator.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="StreamKitException">There is no such operator, or its files cannot be read.</exception>
    public ValueTask<QueriedOperator> MountAsync(CheckpointReading reading, string operatorName, CancellationToken cancellationToken)
    {
        CheckpointManifest manifest = OperatorRenames.Apply(reading.Manifest, renames, []);
        OperatorManifest stored = manifest.Operators.FirstOrDefault(each => each.Name == operatorName)
            ?? throw new StreamKitException(
                $"Job '{jobName}' has no operator '{operatorName}' in checkpoint {manifest.Number}. It has: {string.Join(", ", manifest.Operators.Select(static each => $"'{each.Name}'").Order(StringComparer.Ordinal))}.");
        OperatorMount? mount;
        lock (_operators)
        {
            if (!_operators.TryGetValue(operatorName, out mount))
            {
                mount = new OperatorMount();
                _operators.Add(operatorName, mount);
            }
        }

        return mount.MountAsync(reading.Manifest, () => MountAsync(reading.Manifest, stored, mount, cancellationToken), cancellationToken);
    }

    private async ValueTask<QueriedOperator> MountAsync(CheckpointManifest manifest, OperatorManifest stored, OperatorMount mount, CancellationToken cancellationToken)
    {
        var segments = new Dictionary<SegmentPlace, HomeSegment>();
        var view = new List<MountedSegment>();
        // In the order of age; the sort keeps the order of those of one age.
        foreach (SegmentReference reference in stored.Segments.OrderBy(static each => each.Sequence))
        {
            var place = SegmentPlace.Of(reference);
            if (!segments.TryGetValue(place, out HomeSegment? segment))
            {
                segment = mount.Find(place) ?? await OpenAsync(manifest, reference, cancellationToken);
                segments.Add(place, segment);
            }

            view.Add(new MountedSegment(segment, reference.KeyGroups, reference.Generation));
        }

        // Requests begin where the query is awaited, and go on there.
        var tier = new HomeTier(static work => work(), RequestsAtATime);
        tier.Swap(view);
        mount.Segments = segments;
        return new QueriedOperator(manifest, stored, tier);
    }

    private async ValueTask<HomeSegment> OpenAsync(CheckpointManifest manifest, SegmentReference reference, CancellationToken cancellationToken)
    {
        try
        {
            return await HomeSegment.OpenAsync(StoredSegmentSource.Of(store!, reference), reference.Checksum, _cache, cancellationToken); // there is a checkpoint, so there is a store
        }
        catch (StoredObjectNotFoundException cause)
        {
            throw new StreamKitException(
                $"Checkpoint {manifest.Number} of job '{jobName}' is not complete any more: '{cause.Name}' is gone from '{store}'. This process does not delete what it reads; has another one taken the job over? Query that one.", cause);
        }
    }
}
