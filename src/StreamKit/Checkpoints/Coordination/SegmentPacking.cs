using System.IO.Pipelines;

namespace StreamKit.Checkpoints;

/// <summary>
/// Small segments of a checkpoint travel together: inside the manifest while they are tiny in sum, else in one stored object, so that a
/// checkpoint costs one or two requests whatever the number of operators and subtasks.
/// </summary>
internal static class SegmentPacking
{
    /// <summary>Up to this length a subtask hands its segment over as bytes; larger ones it uploads itself, without holding them in memory.</summary>
    public const int MaxInlineLength = 16 * 1024;

    /// <summary>
    /// What a manifest carries in sum. Every claim copies the manifest of its base and is kept for ever, so it has to stay small.
    /// </summary>
    public const int MaxInlineLengthPerManifest = 64 * 1024;

    /// <summary>Uploads the inline segments as one object when they are too many for a manifest; returns the operators as they then are.</summary>
    /// <param name="operators">The operators of the checkpoint.</param>
    /// <param name="store">The job's store.</param>
    /// <param name="packName">The name of the object, should there be one.</param>
    /// <param name="cancellationToken">Gives the upload up.</param>
    public static async ValueTask<IReadOnlyList<OperatorManifest>> PackAsync(
        IReadOnlyList<OperatorManifest> operators, ICheckpointStore store, string packName, CancellationToken cancellationToken)
    {
        if (operators.Sum(o => o.Segments.Sum(s => (long)s.Inline.Length)) <= MaxInlineLengthPerManifest)
        {
            return operators;
        }

        var pack = new MemoryStream();
        OperatorManifest[] packed = [.. operators.Select(o => o with { Segments = [.. o.Segments.Select(s => Move(s, pack, packName))] })];
        pack.Position = 0;
        await store.PutAsync(packName, PipeReader.Create(pack), cancellationToken);
        return packed;
    }

    private static SegmentReference Move(SegmentReference segment, MemoryStream pack, string packName)
    {
        if (segment.ObjectName is not null)
        {
            return segment;
        }

        long offset = pack.Length;
        pack.Write(segment.Inline.Span);
        return segment with { ObjectName = packName, Inline = default, Offset = offset };
    }
}
