namespace FraudDetection;

/// <summary>
/// Keeps --fresh from deleting the files under a process that works with them. The system holds the lock and lets go of it when the process ends, however it ends.
/// Those that run share it, because a second one may take the job over; one that starts over wants it for itself.
/// </summary>
internal static class RunLock
{
    // What the systems say when another process has the file and does not share it; .NET has no exception of its own for that.
    private const int HeldOnLinux = 11;
    private const int HeldOnMacOS = 35;
    private const int HeldOnWindows = unchecked((int)0x80070020);

    /// <exception cref="IOException">A process is about to delete the files, or the lock file cannot be opened.</exception>
    public static IDisposable ForRunning(Options options) =>
        Take(options, FileShare.ReadWrite, "is starting over in", "Wait until it runs, and start again to take the job over from it.");

    /// <exception cref="IOException">A process runs with the files, or the lock file cannot be opened.</exception>
    public static IDisposable ForStartingOver(Options options) =>
        Take(options, FileShare.None, "is running with", "--fresh would delete its files: end it first, or start without --fresh to take the job over from it.");

    private static FileStream Take(Options options, FileShare share, string what, string remedy)
    {
        Directory.CreateDirectory(options.Checkpoints);
        var path = Path.Combine(options.Checkpoints, ".lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, share);
        }
        catch (IOException e) when (e.HResult is HeldOnLinux or HeldOnMacOS or HeldOnWindows)
        {
            throw new IOException($"Another process {what} the checkpoints in '{options.Checkpoints}'. {remedy}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The lock file '{path}' cannot be opened: {e.Message} Let the user who starts this write to the folder, or name another one.", e);
        }
    }
}
