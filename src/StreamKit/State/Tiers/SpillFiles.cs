using Microsoft.Win32.SafeHandles;

namespace StreamKit.State;

/// <summary>Makes the spill runs of one operator and subtask. The owner's thread and the writer of a cut may both do so.</summary>
/// <param name="folder">Where they are; the attempt's own.</param>
/// <param name="name">Tells those of one subtask from those of others there.</param>
/// <param name="keyFingerprint">How the keys are encoded.</param>
internal sealed class SpillFiles(string folder, string name, ulong keyFingerprint)
{
    private int _runs;
    private long _bytes;

    /// <summary>How the keys are encoded.</summary>
    public ulong KeyFingerprint => keyFingerprint;

    /// <summary>The bytes of all runs that have not been deleted.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Writes a run.</summary>
    /// <param name="write">Adds the rows, in order.</param>
    /// <param name="tier">How often its rows have been merged.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>The run; null when there was no row.</returns>
    public async ValueTask<SpillRun?> WriteAsync(Func<SegmentWriter, ValueTask> write, int tier, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, string.Create(null, $"spill-{name}-{Interlocked.Increment(ref _runs)}"));
        SafeFileHandle file = Open(path);
        try
        {
            using var output = new FilePipeWriter(file);
            using var segment = new SegmentWriter(output, keyFingerprint);
            await write(segment);
            SegmentInfo info = await segment.CompleteAsync(cancellationToken);
            if (info.Rows > 0)
            {
                Interlocked.Add(ref _bytes, info.Length);
                return new SpillRun(this, path, file, info.Length, info.Checksum, tier);
            }

            file.Dispose();
            return null;
        }
        catch (Exception error)
        {
            file.Dispose();
            if (error is IOException)
                throw Failed(path, error);
            throw;
        }
    }

    /// <summary>A run is gone.</summary>
    public void Deleted(SpillRun run) => Interlocked.Add(ref _bytes, -run.Length);

    private static SafeFileHandle Open(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failed(path, error);
        }
    }

    private static StreamKitException Failed(string path, Exception error) => new(
        $"Changed state that left memory could not be written to '{path}': {error.Message} Free some space on that disk, or name another folder; the job goes on from its last checkpoint.", error);
}
