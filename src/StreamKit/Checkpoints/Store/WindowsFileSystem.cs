using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace StreamKit.Checkpoints;

/// <summary>Windows (NTFS). Written by the documentation of its calls; not covered by the test runs of this project.</summary>
internal sealed partial class WindowsFileSystem : FileSystemCalls
{
    private const int ErrorInvalidFunction = 1;
    private const int ErrorFileExists = 80;
    private const int ErrorAlreadyExists = 183;
    private const int SharingViolation = unchecked((int)0x8007_0020);

    // Others may link, rename and delete it while it is open, but not open it for writing.
    public override SafeFileHandle CreateLocked(string path) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Delete | FileShare.Read);

    public override bool IsHeld(IOException failure) => failure.HResult == SharingViolation;

    public override bool TryLink(string existing, string created)
    {
        if (CreateHardLink(created, existing, 0))
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        if (error is ErrorAlreadyExists or ErrorFileExists)
        {
            return false;
        }

        var failure = new IOException($"{Marshal.GetPInvokeErrorMessage(error)}: '{created}'", error);
        throw error == ErrorInvalidFunction
            ? new StreamKitException(
                $"The file system of '{Path.GetDirectoryName(created)}' has no hard links. Without them two runners could both believe that they committed a checkpoint. Use NTFS or an object store.",
                failure)
            : failure;
    }

    public override void Replace(string source, string destination) => File.Move(source, destination, overwrite: true);

    public override void FlushFolder(string path)
    {
        // NTFS journals names by itself, and folders cannot be flushed without administrator rights.
    }

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLink(string created, string existing, nint securityAttributes);
}
