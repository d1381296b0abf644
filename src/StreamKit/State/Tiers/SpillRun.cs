using Microsoft.Win32.SafeHandles;

namespace StreamKit.State;

/// <summary>Rows that left memory before a checkpoint had them: a segment in a file of the local disk, which is gone when this is disposed of.</summary>
internal sealed class SpillRun(SpillFiles files, string path, SafeFileHandle file, long length, uint checksum, int tier) : SegmentSource, IDisposable
{
    public override string Name => path;

    public override long Length => length;

    /// <summary>Stands for the whole content.</summary>
    public uint Checksum => checksum;

    /// <summary>How often its rows have been merged.</summary>
    public int Tier => tier;

    public override ValueTask ReadAsync(long offset, Memory<byte> into, CancellationToken cancellationToken)
    {
        for (int read = 0; read < into.Length;)
        {
            int more = RandomAccess.Read(file, into.Span[read..], offset + read);
            if (more == 0)
                throw new CheckpointDamagedException(path, "length", $"{into.Length} bytes were expected at {offset}, it has {offset + read}");
            read += more;
        }

        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        if (file.IsClosed)
            return;
        file.Dispose();
        files.Deleted(this);
    }
}
