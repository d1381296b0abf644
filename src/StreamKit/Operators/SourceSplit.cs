namespace StreamKit;

/// <summary>A part of a source that is read in order by one reader, with a position of its own in every checkpoint: a file, a stripe of a file, a partition.</summary>
/// <param name="Id">Unique within the source, and the same whenever the same part is found again.</param>
/// <param name="Data">What a reader needs to open the part; opaque to the engine, stored in checkpoints.</param>
public sealed record SourceSplit(string Id, string? Data = null);

/// <summary>Where in a split the next record is. The default is the split's beginning.</summary>
/// <param name="Offset">A number whose meaning is the source's: a byte, a line, an index.</param>
/// <param name="Token">More, where a number is not enough; opaque to the engine.</param>
public readonly record struct SourcePosition(long Offset, string? Token = null);
