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

    /// <summary>The part that counts of the longest segment of a checkpoint that it was made of; what the next checkpoint may write again. 0 if that is not known.</summary>
    public required long LongestCut { get; init; }

    /// <summary>Tells what the segment has in common with others; null when that is unknown, or its rows can die without being deleted.</summary>
    public RowSample? Sample { get; init; }

    /// <summary>Estimates what a clip leaves of a segment, all key groups being alike.</summary>
    public static MergeCandidate Of(SegmentInfo info, KeyGroupRange clip, int level)
    {
        double share = info.KeyGroups.IsEmpty ? 0 : (double)info.KeyGroups.Intersect(clip).Count / info.KeyGroups.Count;
        long clipped = (long)(info.Length * share);
        return new MergeCandidate
        {
            KeyGroups = clip,
            Length = info.Length,
            ClippedLength = clipped,
            Rows = (long)(info.Rows * share),
            Tombstones = (long)(info.Tombstones * share),
            Level = level,
            LongestCut = level == 0 ? clipped : 0,
            Sample = info.Sample,
        };
    }
}
