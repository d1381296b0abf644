using System.IO.Pipelines;

namespace StreamKit.Checkpoints;

/// <summary>
/// Small segments of a checkpoint travel together: inside the manifest while they are tiny in sum, else in one stored object, so that a
/// checkpoint costs one or two requests whatever the number of operators and subtasks. Owned by the coordinator; one call at a time.
/// </summary>
/// <remarks>
/// A subtask hands a small segment over with each checkpoint as long as it is in force, so this remembers what is packed already. A pack of
/// which most is out of force is forgotten: what is left of it is packed anew, so that it does not keep the rest in the store.
/// </remarks>
internal sealed class SegmentPacking
{
    /// <summary>Up to this length a subtask hands its segment over as bytes; larger ones it uploads itself, without holding them in memory.</summary>
    public const int MaxInlineLength = 16 * 1024;

    /// <summary>
    /// What a manifest carries in sum. Every claim copies the manifest of its base and is kept for ever, so it has to stay small.
    /// </summary>
    public const int MaxInlineLengthPerManifest = 64 * 1024;

    // By the memory itself: a merge can make another segment of the same operator, age and key groups.
    private Dictionary<ReadOnlyMemory<byte>, Place> _places = [];

    /// <summary>Uploads the inline segments as one object when they are too many for a manifest; returns the operators as they then are.</summary>
    /// <param name="operators">The operators of the checkpoint.</param>
    /// <param name="store">The job's store.</param>
    /// <param name="packName">The name of the object, should there be one.</param>
    /// <param name="cancellationToken">Gives the upload up.</param>
    public async ValueTask<IReadOnlyList<OperatorManifest>> PackAsync(
        IReadOnlyList<OperatorManifest> operators, ICheckpointStore store, string packName, CancellationToken cancellationToken)
    {
        List<ReadOnlyMemory<byte>> inline = [.. operators.SelectMany(static o => o.Segments).Where(static s => s.ObjectName is null).Select(static s => s.Inline).Distinct()];
        _places = StillWorthKeeping(inline);
        List<ReadOnlyMemory<byte>> unpacked = [.. inline.Where(bytes => !_places.ContainsKey(bytes))];
        if (unpacked.Sum(static bytes => (long)bytes.Length) > MaxInlineLengthPerManifest)
        {
            await PackAsync(unpacked, store, packName, cancellationToken);
        }

        return _places.Count == 0 ? operators : [.. operators.Select(o => o with { Segments = [.. o.Segments.Select(Placed)] })];
    }

    /// <summary>The places of what is in force, in packs of which at least half is.</summary>
    private Dictionary<ReadOnlyMemory<byte>, Place> StillWorthKeeping(List<ReadOnlyMemory<byte>> inForce)
    {
        var places = new Dictionary<ReadOnlyMemory<byte>, Place>();
        foreach (ReadOnlyMemory<byte> bytes in inForce)
        {
            if (_places.TryGetValue(bytes, out Place place))
            {
                places.Add(bytes, place);
            }
        }

        var left = places.GroupBy(static each => each.Value.Pack).ToDictionary(static pack => pack.Key, static pack => pack.Sum(static each => (long)each.Key.Length));
        return places.Where(each => left[each.Value.Pack] * 2 >= each.Value.PackLength).ToDictionary();
    }

    private async ValueTask PackAsync(List<ReadOnlyMemory<byte>> segments, ICheckpointStore store, string packName, CancellationToken cancellationToken)
    {
        var pack = new MemoryStream();
        foreach (ReadOnlyMemory<byte> bytes in segments)
        {
            pack.Write(bytes.Span);
        }

        long length = pack.Length;
        pack.Position = 0;
        await store.PutAsync(packName, PipeReader.Create(pack), cancellationToken);
        long offset = 0;
        foreach (ReadOnlyMemory<byte> bytes in segments)
        {
            _places.Add(bytes, new Place(packName, offset, length));
            offset += bytes.Length;
        }
    }

    private SegmentReference Placed(SegmentReference segment) =>
        segment.ObjectName is null && _places.TryGetValue(segment.Inline, out Place place)
            ? segment with { ObjectName = place.Pack, Inline = default, Offset = place.Offset }
            : segment;

    private readonly record struct Place(string Pack, long Offset, long PackLength);
}
