namespace StreamKit.State.Faster;

/// <summary>What an error of the operating system means.</summary>
internal static class DiskErrors
{
    // On Unix an exception's HResult is errno where .NET has no exception of its own for it.
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    public static bool IsDiskFull(IOException error) => error.HResult is NoSpace or QuotaExceeded or WindowsDiskFull or WindowsHandleDiskFull;
}
