namespace StreamKit;

/// <summary>How much of the segments of checkpoints is kept on this machine, so that it need not be read from their store again.</summary>
/// <param name="MemoryBytes">The bytes of blocks in memory.</param>
/// <param name="Directory">A folder on local disk for more of them, which outlives the process: a job that starts again on this machine finds them there. Null for none.</param>
/// <param name="DiskBytes">The bytes of blocks in the folder.</param>
public sealed record LocalBlocks(long MemoryBytes, string? Directory = null, long DiskBytes = 0);
