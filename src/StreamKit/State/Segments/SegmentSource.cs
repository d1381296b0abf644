namespace StreamKit.State;

/// <summary>Where the bytes of a segment are read from.</summary>
internal abstract class SegmentSource
{
    /// <summary>What an error calls it.</summary>
    public abstract string Name { get; }

    /// <summary>Where the segment begins in what has its name, which may hold several.</summary>
    public virtual long Offset => 0;

    /// <summary>The length of the segment in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Fills <paramref name="into"/> with the bytes from an offset on; throws when there are fewer. Any number of calls at a time.</summary>
    public abstract ValueTask ReadAsync(long offset, Memory<byte> into, CancellationToken cancellationToken);
}

/// <summary>A segment in memory, for instance one that travelled in a manifest.</summary>
internal sealed class MemorySegmentSource(string name, ReadOnlyMemory<byte> bytes) : SegmentSource
{
    public override string Name => name;

    public override long Length => bytes.Length;

    public override ValueTask ReadAsync(long offset, Memory<byte> into, CancellationToken cancellationToken)
    {
        if (offset < 0 || offset > bytes.Length - into.Length)
        {
            throw new CheckpointDamagedException(name, "length", $"{into.Length} bytes were expected at {offset}, it has {bytes.Length}");
        }

        bytes.Slice((int)offset, into.Length).CopyTo(into);
        return ValueTask.CompletedTask;
    }
}
