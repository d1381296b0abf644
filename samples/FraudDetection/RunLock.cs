namespace FraudDetection;

/// <summary>
/// Keeps --fresh from deleting the files under a process that works with them. The system holds the lock and lets go of it when the process ends, however it ends.
/// Those that run share it, because a second one may take the job over; one that starts over wants it for itself.
/// </summary>
internal static class RunLock
{
    /// <exception cref="IOException">A process is about to delete the files.</exception>
    public static IDisposable ForRunning(Options options) =>
        Take(options, FileShare.ReadWrite, "is starting over in", "Wait until it runs, and start again to take the job over from it.");

    /// <exception cref="IOException">A process runs with the files.</exception>
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
        catch (IOException e) when (File.Exists(path))
        {
            throw new IOException($"Another process {what} the checkpoints in '{options.Checkpoints}'. {remedy}", e);
        }
    }
}
