using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace StreamKit.Checkpoints;

/// <summary>Linux and macOS: <c>link(2)</c>, <c>rename(2)</c> and <c>fsync(2)</c> of folders, none of which .NET offers as they are.</summary>
internal sealed partial class PosixFileSystem : FileSystemCalls
{
    private const int EPERM = 1;
    private const int EINTR = 4;
    private const int EXDEV = 18;
    private const int EEXIST = 17;
    private const int EMLINK = 31;
    private const int ENOTSUP_LINUX = 95;
    private const int ENOTSUP_MACOS = 45;
    private const int ENOSYS_LINUX = 38;
    private const int ENOSYS_MACOS = 78;
    private const int EWOULDBLOCK_LINUX = 11;
    private const int EWOULDBLOCK_MACOS = 35;

    private static readonly int s_closeOnExec = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;

    // FileShare.None is an exclusive flock(2), which the kernel drops when the process dies, and keeps while it is stopped.
    public override SafeFileHandle CreateLocked(string path) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);

    public override bool IsHeld(IOException failure) => failure.HResult == (OperatingSystem.IsMacOS() ? EWOULDBLOCK_MACOS : EWOULDBLOCK_LINUX);

    public override bool TryLink(string existing, string created)
    {
        if (Link(existing, created) == 0)
        {
            return true;
        }

        int errno = Marshal.GetLastPInvokeError();
        if (errno == EEXIST)
        {
            return false;
        }

        if (errno is EPERM or EMLINK or EXDEV
            || errno == (OperatingSystem.IsMacOS() ? ENOTSUP_MACOS : ENOTSUP_LINUX)
            || errno == (OperatingSystem.IsMacOS() ? ENOSYS_MACOS : ENOSYS_LINUX))
        {
            throw new StreamKitException(
                $"The file system of '{Path.GetDirectoryName(created)}' refuses hard links: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}). "
                + "Without them two runners could both believe that they committed a checkpoint. Use a local file system (ext4, xfs, btrfs, APFS) or an object store.",
                Failure(errno, created));
        }

        throw Failure(errno, created);
    }

    public override void Replace(string source, string destination)
    {
        if (Rename(source, destination) != 0)
        {
            throw Failure(Marshal.GetLastPInvokeError(), destination);
        }
    }

    public override void FlushFolder(string path)
    {
        int descriptor;
        while ((descriptor = Open(path, s_closeOnExec)) < 0)
        {
            ThrowUnlessInterrupted(path);
        }

        try
        {
            while (Fsync(descriptor) != 0)
            {
                ThrowUnlessInterrupted(path);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static void ThrowUnlessInterrupted(string path)
    {
        int errno = Marshal.GetLastPInvokeError();
        if (errno != EINTR)
        {
            throw Failure(errno, path);
        }
    }

    private static IOException Failure(int errno, string path) => new($"{Marshal.GetPInvokeErrorMessage(errno)}: '{path}'", errno);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string source, string destination);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
