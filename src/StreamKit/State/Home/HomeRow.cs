namespace StreamKit.State;

/// <summary>A row in force, in the bytes of a <see cref="HomeReadBatch"/>: valid until that is cleared or read again.</summary>
internal readonly ref struct HomeRow
{
    public required int StateId { get; init; }

    public required ReadOnlySpan<byte> SubKey { get; init; }

    public required ReadOnlySpan<byte> Value { get; init; }

    /// <summary>The <see cref="MountedSegment.SchemaGeneration"/> of the segment that the row comes from.</summary>
    public required int SchemaGeneration { get; init; }
}
