using System.IO.Pipelines;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>
/// Merges segments of a checkpoint store into one new segment there, which is of the newest generation of schemas. Whatever happens, the segments merged stay as they are.
/// </summary>
internal sealed class SegmentMerger(ICheckpointStore store, SchemaHistory schemas)
{
    /// <summary>A fraction of a millisecond's work: then it is somebody else's turn.</summary>
    private const int RowsPerTurn = 1024;

    /// <summary>Merges neighbours in age; each counts as far as its reference says.</summary>
    /// <param name="inputs">The segments, from the oldest to the newest.</param>
    /// <param name="keepsTombstones">False to leave tombstones out, right only when no older segment has key groups in common with these.</param>
    /// <param name="isDead">The rows that may be left out; those that an older segment might bring back become tombstones.</param>
    /// <param name="name">The name of the new object, unless the result is small.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>What takes their place; null when no row is left.</returns>
    public async Task<ChainedSegment?> MergeAsync(
        IReadOnlyList<SegmentReference> inputs, bool keepsTombstones, IsDeadRow? isDead, string name, CancellationToken cancellationToken)
    {
        (SegmentInfo info, ReadOnlyMemory<byte>? inline) = await SegmentUpload.WriteAsync(
            store, name, output => WriteAsync(inputs, keepsTombstones, isDead, output, cancellationToken), cancellationToken);
        if (info.Rows == 0)
        {
            return null;
        }

        var reference = new SegmentReference
        {
            ObjectName = inline is null ? name : null,
            Inline = inline ?? default,
            Length = info.Length,
            KeyGroups = SmallestRangeOf(inputs),
            Sequence = inputs[^1].Sequence,
            Checksum = info.Checksum,
            Generation = schemas.Generation,
        };
        return new ChainedSegment(reference, info);
    }

    /// <summary>The bytes that a segment takes while it is merged: its blocks at hand, and its keys in the filters of the segment itself and of the result.</summary>
    public static long BufferedFor(in MergeCandidate segment) => Math.Min(segment.Length, BlockFeed.RequestLength) + (2 * BlockFilter.LengthFor((int)Math.Min(segment.Rows, int.MaxValue)));

    /// <summary>The smallest range with all key groups that count in any of the segments.</summary>
    public static KeyGroupRange SmallestRangeOf(IReadOnlyList<SegmentReference> segments) =>
        new(segments.Min(static each => each.KeyGroups.First), segments.Max(static each => each.KeyGroups.Last));

    private async Task<SegmentInfo> WriteAsync(
        IReadOnlyList<SegmentReference> inputs, bool keepsTombstones, IsDeadRow? isDead, PipeWriter output, CancellationToken cancellationToken)
    {
        var segments = new List<(SegmentReader Segment, KeyGroupRange KeyGroups)>();
        foreach (SegmentReference input in inputs)
        {
            segments.Add((await SegmentReader.OpenAsync(StoredSegmentSource.Of(store, input), input.Checksum, cancellationToken), input.KeyGroups));
        }

        ulong fingerprint = segments[0].Segment.Info.KeyFingerprint;
        if (segments.Find(each => each.Segment.Info.KeyFingerprint != fingerprint) is { Segment: { } other })
        {
            throw new StreamKitException(
                $"Segments whose keys are encoded differently ({fingerprint:x16} and {other.Info.KeyFingerprint:x16}) cannot be merged: the checkpoint mixes two types of keys.");
        }

        using var rows = new SegmentMerge(segments, keepsTombstones);
        using var writer = new SegmentWriter(output, fingerprint);
        using var scratch = new PooledBufferWriter();
        RowConversions?[] conversions = [.. inputs.Select(input => schemas.Of(input.Generation))];
        for (int turn = 1; await rows.MoveNextAsync(cancellationToken); turn++)
        {
            Add(rows.Current, conversions[rows.CurrentAge], scratch, writer, keepsTombstones, isDead);
            await writer.FlushIfNeededAsync(cancellationToken);
            if (turn % RowsPerTurn == 0)
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return await writer.CompleteAsync(cancellationToken);
    }

    private static void Add(SegmentRow row, RowConversions? conversions, PooledBufferWriter scratch, SegmentWriter writer, bool keepsTombstones, IsDeadRow? isDead)
    {
        bool isDeadRow = !row.IsTombstone && isDead is not null && isDead(row);
        if (row.IsTombstone || (isDeadRow && keepsTombstones))
        {
            writer.AddTombstone(row.KeyGroup, row.StateId, row.Key, row.SubKey);
        }
        else if (!isDeadRow)
        {
            ReadOnlySpan<byte> value = conversions is null ? row.Value : conversions.Convert(row.StateId, row.SubKey, row.Value, scratch);
            writer.Add(row.KeyGroup, row.StateId, row.Key, row.SubKey, value);
        }
    }
}
