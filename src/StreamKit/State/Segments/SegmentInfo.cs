namespace StreamKit.State;

/// <summary>What a segment says of itself.</summary>
internal sealed record SegmentInfo
{
    /// <summary>In bytes.</summary>
    public required long Length { get; init; }

    /// <summary>Tombstones included.</summary>
    public required long Rows { get; init; }

    public required long Tombstones { get; init; }

    /// <summary>From the first to the last key group that has rows; empty without rows.</summary>
    public required KeyGroupRange KeyGroups { get; init; }

    /// <summary>How the keys are encoded.</summary>
    public required ulong KeyFingerprint { get; init; }

    /// <summary>Covers every byte of the segment, through the checksums of its parts.</summary>
    public required uint Checksum { get; init; }

    /// <summary>Some of its rows; null for a segment that was not written just now.</summary>
    public RowSample? Sample { get; init; }
}
