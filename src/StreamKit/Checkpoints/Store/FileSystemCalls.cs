using Microsoft.Win32.SafeHandles;

namespace StreamKit.Checkpoints;

/// <summary>
/// The calls into the operating system on which the promises of <see cref="FileCheckpointStore"/> rest. They are synchronous: the
/// engine calls stores from its I/O pumps, and a simulated job stays on its one thread. They throw <see cref="IOException"/> or
/// <see cref="UnauthorizedAccessException"/>, or <see cref="StreamKitException"/> where the system lacks something.
/// </summary>
internal abstract class FileSystemCalls
{
    public static FileSystemCalls OfThisSystem { get; } = OperatingSystem.IsWindows() ? new WindowsFileSystem() : new PosixFileSystem();

    /// <summary>Creates a file and holds a lock on it until the handle is closed, so that no other process takes it for a leftover.</summary>
    public abstract SafeFileHandle CreateLocked(string path);

    /// <summary>Whether a file could not be opened because somebody else has it locked.</summary>
    public abstract bool IsHeld(IOException failure);

    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    public virtual void FlushToDisk(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    /// <summary>Gives a file a second name, atomically. False when that name is taken.</summary>
    public abstract bool TryLink(string existing, string created);

    /// <summary>Moves a file to a name, atomically replacing what was there; never copies.</summary>
    public abstract void Replace(string source, string destination);

    /// <summary>Makes the names in a folder durable.</summary>
    public abstract void FlushFolder(string path);

    /// <summary>Deletes a file that no living process holds; leaves it alone otherwise.</summary>
    public virtual void DeleteIfUnlocked(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose).Dispose();
        }
        catch (IOException)
        {
            // Its writer lives, or another process was faster: either way it is not ours to delete.
        }
        catch (UnauthorizedAccessException)
        {
            // A file of another user: that user's runners sweep it.
        }
    }
}
