using System.IO.Pipelines;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>The segments of a savepoint that is being written. Used by one caller at a time.</summary>
/// <param name="from">The store of what is copied.</param>
/// <param name="to">The savepoint's location.</param>
/// <param name="writer">Tells this savepoint's files from those of another writer in the same location.</param>
internal sealed class SavepointFiles(ICheckpointStore from, ICheckpointStore to, string writer)
{
    private readonly List<string> _written = [];

    /// <summary>All objects that may be there, one whose upload failed included.</summary>
    public IReadOnlyList<string> Written => _written;

    /// <summary>Copies the segments of operators; they then name the copies.</summary>
    public Task<IReadOnlyList<OperatorManifest>> CopyAsync(IReadOnlyList<OperatorManifest> operators, CancellationToken cancellationToken) =>
        new SegmentCopy(from, to, NextName).CopyAsync(operators, cancellationToken);

    /// <summary>Writes only the rows of some states of an operator, all its segments of a generation in one.</summary>
    /// <returns>The segments, from the oldest generation to the newest.</returns>
    public async Task<IReadOnlyList<SegmentReference>> CopyRowsAsync(OperatorManifest stored, IReadOnlySet<int> stateIds, KeyGroupRange keyGroups, CancellationToken cancellationToken)
    {
        var written = new List<SegmentReference>();
        // The generations of the rows of a key go up with their age.
        foreach (int generation in stored.Segments.Select(static each => each.Generation).Distinct().Order())
        {
            if (await WriteAsync((output, stop) => WriteRowsAsync(stored, stateIds, generation, output, stop), keyGroups, written.Count + 1, cancellationToken) is { } segment)
            {
                written.Add(segment.Reference with { Generation = generation });
            }
        }

        return written;
    }

    /// <summary>Writes a new segment.</summary>
    /// <param name="write">Writes it; does not complete the pipe.</param>
    /// <param name="keyGroups">The key groups that it may have.</param>
    /// <param name="sequence">Its age.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>The segment; null when it has no rows.</returns>
    public async Task<ChainedSegment?> WriteAsync(Func<PipeWriter, CancellationToken, Task<SegmentInfo>> write, KeyGroupRange keyGroups, long sequence, CancellationToken cancellationToken)
    {
        string name = NextName();
        (SegmentInfo info, ReadOnlyMemory<byte>? inline) = await SegmentUpload.WriteAsync(to, name, output => write(output, cancellationToken), cancellationToken);
        if (info.Rows == 0)
        {
            return null;
        }

        var reference = new SegmentReference
        {
            ObjectName = inline is null ? name : null,
            Inline = inline ?? default,
            Length = info.Length,
            KeyGroups = keyGroups,
            Sequence = sequence,
            Checksum = info.Checksum,
        };
        return new ChainedSegment(reference, info);
    }

    /// <summary>Merges segments written here, neighbours in age, and deletes them.</summary>
    public async Task<ChainedSegment> MergeAsync(IReadOnlyList<SegmentReference> segments, CancellationToken cancellationToken)
    {
        ChainedSegment merged = await new SegmentMerger(to, new SchemaHistory([], StoredSchemas.First)).MergeAsync(segments, keepsTombstones: false, isDead: null, NextName(), cancellationToken)
            ?? throw new InvalidOperationException("Segments with rows and without tombstones were merged to nothing.");
        await to.DeleteAsync([.. segments.Select(static each => each.ObjectName).OfType<string>()], cancellationToken);
        return merged;
    }

    private async Task<SegmentInfo> WriteRowsAsync(OperatorManifest stored, IReadOnlySet<int> stateIds, int generation, PipeWriter output, CancellationToken cancellationToken)
    {
        // An operator whose rows are copied has keys.
        using var segment = new SegmentWriter(output, stored.Key!.Fingerprint);
        using StoredRows rows = await StoredRows.OpenAsync(from, stored, cancellationToken);
        while (await rows.MoveNextAsync(cancellationToken))
        {
            if (rows.Generation == generation)
            {
                Add(rows.Current, stateIds, segment);
            }

            await segment.FlushIfNeededAsync(cancellationToken);
        }

        return await segment.CompleteAsync(cancellationToken);
    }

    private static void Add(SegmentRow row, IReadOnlySet<int> stateIds, SegmentWriter segment)
    {
        if (stateIds.Contains(row.StateId))
        {
            segment.Add(row.KeyGroup, row.StateId, row.Key, row.SubKey, row.Value);
        }
    }

    private string NextName()
    {
        string name = SavepointNames.Data(writer, _written.Count);
        _written.Add(name);
        return name;
    }
}
