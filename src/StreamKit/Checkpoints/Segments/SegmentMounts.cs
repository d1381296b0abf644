using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>Opens the segments that a job starts from, side by side and each once, however many subtasks share it.</summary>
internal static class SegmentMounts
{
    /// <summary>Hides the wait for most of some hundred segments, and is not too much for any store.</summary>
    private const int Parallelism = 32;

    /// <summary>Opens segments, of some of which several references may speak.</summary>
    /// <param name="references">The segments as manifests name them.</param>
    /// <param name="store">Where they are.</param>
    /// <param name="cache">Holds their blocks.</param>
    /// <param name="run">Runs requests beside each other, such as the job's executor does.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>The segments by reference.</returns>
    /// <exception cref="CheckpointDamagedException">A segment is damaged or missing.</exception>
    public static async Task<IReadOnlyDictionary<SegmentReference, HomeSegment>> OpenAsync(
        IEnumerable<SegmentReference> references, ICheckpointStore store, BlockCache cache, Func<Func<Task>, Task> run, CancellationToken cancellationToken)
    {
        IGrouping<object, SegmentReference>[] groups = [.. references.Distinct(ReferenceEqualityComparer.Instance).Cast<SegmentReference>().GroupBy(IdentityOf)];
        var opened = new HomeSegment?[groups.Length];
        int next = -1;
        await SideBySide.RunAsync(Math.Min(Parallelism, groups.Length), run, OpenNextAsync);
        var byReference = new Dictionary<SegmentReference, HomeSegment>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < groups.Length; i++)
        {
            foreach (SegmentReference reference in groups[i])
                byReference.Add(reference, opened[i]!); // no reader has failed
        }

        return byReference;

        async Task OpenNextAsync()
        {
            try
            {
                while (Interlocked.Increment(ref next) is var mine && mine < groups.Length)
                    opened[mine] = await OpenAsync(groups[mine].First(), store, cache, cancellationToken);
            }
            catch
            {
                Interlocked.Exchange(ref next, groups.Length); // nobody needs the others any more
                throw;
            }
        }
    }

    /// <summary>What two references to the same bytes have in common.</summary>
    private static object IdentityOf(SegmentReference reference) => reference.ObjectName is { } name ? (name, reference.Offset) : reference.Inline;

    private static async Task<HomeSegment> OpenAsync(SegmentReference reference, ICheckpointStore store, BlockCache cache, CancellationToken cancellationToken)
    {
        try
        {
            return await HomeSegment.OpenAsync(StoredSegmentSource.Of(store, reference), reference.Checksum, cache, cancellationToken);
        }
        catch (StoredObjectNotFoundException cause)
        {
            throw new CheckpointDamagedException(cause.Name, "content", "it is missing, although the checkpoint names it", cause);
        }
    }
}
