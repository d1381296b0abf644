using Microsoft.Win32.SafeHandles;

namespace StreamKit.State;

/// <summary>Makes the spill runs of one operator and subtask. The owner's thread and the writer of a cut may both do so.</summary>
/// <param name="folder">Where they are; the attempt's own.</param>
/// <param name="name">Tells those of one subtask from those of others there.</param>
/// <param name="keyFingerprint">How the keys are encoded.</param>
internal sealed class SpillFiles(string folder, string name, ulong keyFingerprint)
{
    private int _runs;

    /// <summary>Writes a run.</summary>
    /// <param name="write">Adds the rows, in order.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>The run; null when there was no row.</returns>
    public async ValueTask<SpillRun?> WriteAsync(Func<SegmentWriter, ValueTask> write, CancellationToken cancellationToken)
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
                return new SpillRun(path, file, info.Length, info.Checksum);
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
