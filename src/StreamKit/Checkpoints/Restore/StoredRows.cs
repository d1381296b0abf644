using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>
/// The live rows of an operator in a checkpoint, all its subtasks together, in the order of <see cref="SegmentRow"/>: read as they are
/// asked for, a block per segment in memory. Used by one thread at a time.
/// </summary>
internal sealed class StoredRows : IDisposable
{
    private readonly SegmentMerge _merge;
    private readonly int[] _generations;

    private StoredRows(SegmentMerge merge, int[] generations) => (_merge, _generations) = (merge, generations);

    /// <summary>The row at hand; valid until the next <see cref="MoveNextAsync"/>.</summary>
    public SegmentRow Current => _merge.Current;

    /// <summary>The <see cref="SchemaGeneration"/> in which the row at hand is written.</summary>
    public int Generation => _generations[_merge.CurrentAge];

    /// <exception cref="CheckpointDamagedException">A segment is damaged or missing.</exception>
    public static async Task<StoredRows> OpenAsync(ICheckpointStore store, OperatorManifest stored, CancellationToken cancellationToken)
    {
        var segments = new List<(SegmentReader Segment, KeyGroupRange KeyGroups)>();
        // In the order of age; the sort keeps the order of those of one age.
        SegmentReference[] references = [.. stored.Segments.OrderBy(static each => each.Sequence)];
        foreach (SegmentReference reference in references)
        {
            try
            {
                segments.Add((await SegmentReader.OpenAsync(StoredSegmentSource.Of(store, reference), reference.Checksum, cancellationToken), reference.KeyGroups));
            }
            catch (StoredObjectNotFoundException cause)
            {
                throw new CheckpointDamagedException(cause.Name, "content", "it is missing, although the checkpoint names it", cause);
            }
        }

        return new StoredRows(new SegmentMerge(segments, keepsTombstones: false), [.. references.Select(static each => each.Generation)]);
    }

    public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken) => _merge.MoveNextAsync(cancellationToken);

    public void Dispose() => _merge.Dispose();
}
