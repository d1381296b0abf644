using Microsoft.Win32.SafeHandles;
using StreamKit.Checkpoints;

namespace StreamKit.Connectors;

/// <summary>
/// One file that a writer fills: rows gathered in memory, behind those in the file. Invisible until its transaction is committed.
/// Used by one call at a time.
/// </summary>
internal sealed class FilePart(string directory, FileTransaction transaction) : IDisposable
{
    private SafeFileHandle? _file;
    private long _written;
    private bool _isClosed;

    /// <summary>Rows that are not in the file yet.</summary>
    public RowBuffer Buffer { get; } = new();

    public FileTransaction Transaction => transaction;

    public long Records { get; set; }

    public long Length => _written + Buffer.Length;

    /// <summary>Writes the rows gathered so far to the file.</summary>
    public async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        if (Buffer.Length == 0)
            return;
        try
        {
            _file ??= Create();
            await RandomAccess.WriteAsync(_file, Buffer.Written, _written, cancellationToken);
        }
        catch (Exception e) when (FileErrors.IsFromSystem(e))
        {
            throw FileErrors.CannotWrite(directory, e);
        }

        _written += Buffer.Length;
        Buffer.Truncate(0);
    }

    /// <summary>Writes all and makes it durable. The folder, which holds the name, is the caller's to flush.</summary>
    public async ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        if (_isClosed)
            return;
        await WriteAsync(cancellationToken);
        try
        {
            FileSystemCalls.OfThisSystem.FlushToDisk(_file!); // a part has rows, so it has a file
        }
        catch (Exception e) when (FileErrors.IsFromSystem(e))
        {
            throw FileErrors.CannotWrite(directory, e);
        }

        Dispose();
        _isClosed = true;
    }

    /// <summary>Removes the file; its rows are written again by another attempt.</summary>
    public void Discard()
    {
        Dispose();
        try
        {
            File.Delete(Path.Combine(directory, transaction.PendingName));
        }
        catch (Exception e) when (FileErrors.IsFromSystem(e))
        {
            // It stays invisible, and the next runner of the job removes it.
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
        Buffer.Dispose();
    }

    private SafeFileHandle Create()
    {
        Directory.CreateDirectory(directory);
        return File.OpenHandle(Path.Combine(directory, transaction.PendingName), FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, FileOptions.Asynchronous);
    }
}
