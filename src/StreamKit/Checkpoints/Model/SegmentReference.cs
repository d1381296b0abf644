using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>
/// A snapshot segment as a manifest names it: where its bytes are, and which part of it counts. The rows of a key group are the union
/// of the segments that hold it in the order of <see cref="Sequence"/>, the newest winning.
/// </summary>
internal sealed record SegmentReference
{
    /// <summary>The stored object that holds the bytes; null when they are <see cref="Inline"/>.</summary>
    public string? ObjectName { get; init; }

    /// <summary>The bytes of a tiny segment, carried in the manifest itself.</summary>
    public ReadOnlyMemory<byte> Inline { get; init; }

    /// <summary>Where the segment begins in the object, which may be a pack of several.</summary>
    public long Offset { get; init; }

    /// <summary>The length of the segment in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>The key groups that count. Reads and merges obey it: what lies outside may be outdated.</summary>
    public required KeyGroupRange KeyGroups { get; init; }

    /// <summary>The place in the order of age: of two segments with a key group in common, the one with the higher number is newer, and of two with the same number the one named later.</summary>
    public required long Sequence { get; init; }

    /// <summary>The <see cref="SchemaGeneration"/> of the operator in which its rows are written. 0, the default, in a job whose types never changed.</summary>
    public int Generation { get; init; }

    /// <summary>The place of the segments of a checkpoint's cut: later claims are newer, and within one, later checkpoints.</summary>
    public static long SequenceOf(long claim, long checkpointId) => (claim << 32) | checkpointId;

    /// <summary>The <see cref="SegmentInfo.Checksum"/> of the segment, so that no other one is taken for it.</summary>
    public required uint Checksum { get; init; }
}
