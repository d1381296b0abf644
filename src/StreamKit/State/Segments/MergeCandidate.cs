namespace StreamKit.State;

/// <summary>What <see cref="SegmentMergePicker"/> has to know of a segment.</summary>
internal readonly record struct MergeCandidate
{
    /// <summary>The key groups that count.</summary>
    public required KeyGroupRange KeyGroups { get; init; }

    /// <summary>The bytes it takes in the store.</summary>
    public required long Length { get; init; }

    /// <summary>The part of <see cref="Length"/> that belongs to the key groups that count, estimated.</summary>
    public required long ClippedLength { get; init; }

    /// <summary>The rows of the key groups that count, estimated; tombstones included.</summary>
    public required long Rows { get; init; }

    /// <summary>The tombstones of the key groups that count, estimated.</summary>
    public required long Tombstones { get; init; }

    /// <summary>How often its rows have been merged; 0 for the segment of a checkpoint.</summary>
    public required int Level { get; init; }

    /// <summary>Estimates what a clip leaves of a segment, all key groups being alike.</summary>
    public static MergeCandidate Of(SegmentInfo info, KeyGroupRange clip, int level)
    {
        double share = info.KeyGroups.IsEmpty ? 0 : (double)info.KeyGroups.Intersect(clip).Count / info.KeyGroups.Count;
        return new MergeCandidate
        {
            KeyGroups = clip,
            Length = info.Length,
            ClippedLength = (long)(info.Length * share),
            Rows = (long)(info.Rows * share),
            Tombstones = (long)(info.Tombstones * share),
            Level = level,
        };
    }
}
