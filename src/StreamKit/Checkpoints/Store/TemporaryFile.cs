using Microsoft.Win32.SafeHandles;

namespace StreamKit.Checkpoints;

/// <summary>A file being written that has no public name yet. Disposing it removes it, whatever happened before.</summary>
internal sealed class TemporaryFile(string path, SafeFileHandle handle, FileSystemCalls calls, Func<Exception, StreamKitException> failure)
    : IDisposable
{
    private long _length;

    public string Path { get; } = path;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            calls.Write(handle, bytes, _length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw failure(e);
        }

        _length += bytes.Length;
    }

    public void FlushToDisk() => calls.FlushToDisk(handle);

    public void Dispose()
    {
        // Removed while still locked, so that its path is never both unlocked and there. A published file has another name by now.
        try
        {
            File.Delete(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next runner sweeps it; the outcome of the call must not hang on it.
        }

        handle.Dispose();
    }
}
