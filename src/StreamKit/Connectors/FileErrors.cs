using Microsoft.Win32.SafeHandles;

namespace StreamKit.Connectors;

/// <summary>What the operating system says about a file, said so that it helps.</summary>
internal static class FileErrors
{
    public static SafeFileHandle OpenForReading(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StreamKitException($"The file '{path}' is not there, and the job has still to read it. Put it back, or start the job anew.", e);
        }
        catch (Exception e) when (IsFromSystem(e))
        {
            throw new StreamKitException($"The file '{path}' cannot be read: {e.Message} Let the job's user read it.", e);
        }
    }

    /// <summary>Reads at least one byte.</summary>
    public static async ValueTask<int> ReadAsync(SafeFileHandle file, string path, Memory<byte> target, long offset, CancellationToken cancellationToken)
    {
        int read;
        try
        {
            read = await RandomAccess.ReadAsync(file, target, offset, cancellationToken);
        }
        catch (Exception e) when (IsFromSystem(e))
        {
            throw new StreamKitException($"The file '{path}' cannot be read at byte {offset}: {e.Message}", e);
        }

        return read > 0 ? read : throw Changed(path, $"it ends at byte {offset} now");
    }

    public static StreamKitException Changed(string path, string how) =>
        new($"The file '{path}' has changed since the job first started: {how}. Files must stay as they are until the job has read them: put the old file back, or start the job anew.");

    public static bool IsFromSystem(Exception exception) => exception is IOException or UnauthorizedAccessException;
}
