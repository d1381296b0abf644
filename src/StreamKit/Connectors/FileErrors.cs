using Microsoft.Win32.SafeHandles;

namespace StreamKit.Connectors;

/// <summary>What the operating system says about a file, said so that it helps.</summary>
internal static class FileErrors
{
    // On Unix an exception's HResult is errno where .NET has no exception of its own for it.
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int QuotaExceeded = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

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

    public static InputChangedException Changed(string path, string how) =>
        new($"The file '{path}' has changed since the job first started: {how}. Files must stay as they are until the job has read them: put the old file back, or start the job anew.");

    /// <summary>Why a folder could not be written to. Nothing is lost by it: the job starts again from its last checkpoint.</summary>
    public static StreamKitException CannotWrite(string directory, Exception cause)
    {
        string problem = cause switch
        {
            { HResult: NoSpace or QuotaExceeded or WindowsDiskFull } => $"There is no room to write to '{directory}'",
            UnauthorizedAccessException or { HResult: ReadOnlyFileSystem } => $"'{directory}' must not be written to",
            _ => $"'{directory}' could not be written to",
        };
        string remedy = cause switch
        {
            { HResult: NoSpace or QuotaExceeded or WindowsDiskFull } => "Free some space",
            UnauthorizedAccessException or { HResult: ReadOnlyFileSystem } => "Let the job's user write there, or name another folder",
            _ => "See to the folder, or name another one",
        };
        return new StreamKitException($"{problem}: {cause.Message} (error {cause.HResult}). {remedy}, and start the job again if it does not do so by itself: it goes on from its last checkpoint, nothing is lost.", cause);
    }

    public static bool IsFromSystem(Exception exception) => exception is IOException or UnauthorizedAccessException;
}
