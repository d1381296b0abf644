using System.IO.Pipelines;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>
/// Copies the segments of a checkpoint into another store and verifies every byte. They are laid side by side into objects of some hundred
/// megabytes, so that neither thousands of small objects arise nor one that has to be written again from its beginning.
/// </summary>
/// <param name="from">The store of the checkpoint.</param>
/// <param name="to">The store that gets the copy.</param>
/// <param name="nextName">Names the next object; none of that name exists yet.</param>
internal sealed class SegmentCopy(ICheckpointStore from, ICheckpointStore to, Func<string> nextName)
{
    private const long TargetObjectLength = 256L << 20;

    /// <summary>Copies everything that the operators name; what they carry themselves is verified.</summary>
    /// <returns>The operators, naming the copies.</returns>
    /// <exception cref="CheckpointDamagedException">A segment is damaged or missing.</exception>
    /// <exception cref="StreamKitException">A store failed.</exception>
    public async Task<IReadOnlyList<OperatorManifest>> CopyAsync(IReadOnlyList<OperatorManifest> operators, CancellationToken cancellationToken)
    {
        var stored = new Dictionary<(string Name, long Offset), SegmentReference>();
        foreach (SegmentReference segment in operators.SelectMany(static each => each.Segments))
        {
            if (segment.ObjectName is { } name)
            {
                // After a rescale several references clip one segment, which is copied once.
                stored.TryAdd((name, segment.Offset), segment);
            }
            else
            {
                await CopyAsync(from, segment, null, cancellationToken);
            }
        }

        var places = new Dictionary<(string Name, long Offset), (string Name, long Offset)>();
        foreach (List<SegmentReference> together in Gather(stored.Values))
        {
            string name = nextName();
            await ObjectUpload.PutAsync(to, name, output => CopyAllAsync(together, output, cancellationToken), cancellationToken);
            long offset = 0;
            foreach (SegmentReference segment in together)
            {
                places.Add((segment.ObjectName!, segment.Offset), (name, offset)); // only stored ones are gathered
                offset += segment.Length;
            }
        }

        return [.. operators.Select(each => each with { Segments = [.. each.Segments.Select(Placed)] })];

        SegmentReference Placed(SegmentReference segment)
        {
            if (segment.ObjectName is not { } name)
            {
                return segment;
            }

            (string copy, long offset) = places[(name, segment.Offset)];
            return segment with { ObjectName = copy, Offset = offset };
        }
    }

    /// <summary>Reads all that operators name and verifies it.</summary>
    /// <returns>The number of bytes.</returns>
    /// <exception cref="CheckpointDamagedException">A segment is damaged or missing.</exception>
    public static async Task<long> VerifyAsync(ICheckpointStore store, IReadOnlyList<OperatorManifest> operators, CancellationToken cancellationToken)
    {
        long bytes = 0;
        foreach (SegmentReference segment in operators.SelectMany(static each => each.Segments).DistinctBy(static each => (each.ObjectName, each.Offset, each.Checksum)))
        {
            await CopyAsync(store, segment, null, cancellationToken);
            bytes += segment.Length;
        }

        return bytes;
    }

    private static IEnumerable<List<SegmentReference>> Gather(IEnumerable<SegmentReference> segments)
    {
        var gathered = new List<SegmentReference>();
        long length = 0;
        foreach (SegmentReference segment in segments)
        {
            if (gathered.Count > 0 && length + segment.Length > TargetObjectLength)
            {
                yield return gathered;
                (gathered, length) = ([], 0);
            }

            gathered.Add(segment);
            length += segment.Length;
        }

        if (gathered.Count > 0)
        {
            yield return gathered;
        }
    }

    private async Task CopyAllAsync(List<SegmentReference> segments, PipeWriter output, CancellationToken cancellationToken)
    {
        foreach (SegmentReference segment in segments)
        {
            await CopyAsync(from, segment, output, cancellationToken);
            // In between it is somebody else's turn, also where a store answers at once.
            await Task.Yield();
        }
    }

    private static async Task CopyAsync(ICheckpointStore from, SegmentReference segment, PipeWriter? output, CancellationToken cancellationToken)
    {
        try
        {
            SegmentReader reader = await SegmentReader.OpenAsync(StoredSegmentSource.Of(from, segment), segment.Checksum, cancellationToken);
            await reader.CopyToAsync(output, cancellationToken);
        }
        catch (StoredObjectNotFoundException cause)
        {
            throw new CheckpointDamagedException(cause.Name, "content", "it is missing, although the checkpoint names it", cause);
        }
    }
}
