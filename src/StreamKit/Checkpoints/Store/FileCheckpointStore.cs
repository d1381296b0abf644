using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using StreamKit.Checkpoints;

namespace StreamKit;

/// <summary>
/// Keeps the checkpoints of one job in a folder of a local file system, or of a network file system that has hard links. Several
/// processes may use the folder at once; the checkpoint log decides between them.
/// </summary>
/// <remarks>
/// Everything is written to a temporary file and flushed to disk before it gets its name, and the name is flushed too, so a crash of
/// the process or of the machine leaves whole objects only. Temporary files of dead processes are removed at the next first write.
/// Linux and macOS are supported; Windows is supported by the code and not covered by the tests of this project.
/// Calls block their thread while the operating system works.
/// </remarks>
public sealed class FileCheckpointStore : ICheckpointStore
{
    private static int s_instances;

    private readonly string _root;
    private readonly string _temporaryFolder;
    private readonly FileSystemCalls _calls;
    private readonly string _instance;
    private long _temporaryFiles;
    private bool _swept;

    /// <summary>Creates a store over a folder. Nothing is read or written before the first call.</summary>
    /// <param name="directory">The folder; created when it is missing. Every job needs one of its own.</param>
    public FileCheckpointStore(string directory)
        : this(directory, FileSystemCalls.OfThisSystem)
    {
    }

    internal FileCheckpointStore(string directory, FileSystemCalls calls)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        _root = Path.GetFullPath(directory);
        // A name never has a part that begins with a dot, so no object can be in this folder.
        _temporaryFolder = Path.Combine(_root, ".tmp");
        _calls = calls;
        _instance = $"{Environment.ProcessId:x}-{Interlocked.Increment(ref s_instances):x}";
    }

    /// <summary>The folder, as a full path.</summary>
    public string Directory => _root;

    /// <inheritdoc/>
    public async ValueTask PutAsync(string name, PipeReader content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        Exception? failure = null;
        try
        {
            ObjectNames.ThrowIfInvalid(name);
            cancellationToken.ThrowIfCancellationRequested();
            using TemporaryFile file = CreateTemporary(name);
            await CopyAsync(content, file, cancellationToken);
            Guarded(name, "store", () =>
            {
                file.FlushToDisk();
                string target = PathOf(name);
                InExistingFolder(target, () => _calls.Replace(file.Path, target));
                _calls.FlushFolder(Path.GetDirectoryName(target)!); // an object's path is never a root
                return true;
            });
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            await content.CompleteAsync(failure);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        ObjectNames.ThrowIfInvalid(name);
        cancellationToken.ThrowIfCancellationRequested();
        using TemporaryFile file = CreateTemporary(name);
        bool created = Guarded(name, "create", () =>
        {
            file.Append(content.Span);
            file.FlushToDisk();
            string target = PathOf(name);
            bool won = InExistingFolder(target, () => _calls.TryLink(file.Path, target));
            // The loser flushes too: it will act on the winner's object, which must not vanish with the machine.
            _calls.FlushFolder(Path.GetDirectoryName(target)!); // an object's path is never a root
            return won;
        });
        return ValueTask.FromResult(created);
    }

    /// <inheritdoc/>
    public ValueTask<Stream> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellationToken)
    {
        ObjectNames.ThrowIfInvalid(name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0);
        cancellationToken.ThrowIfCancellationRequested();
        Stream stream = Guarded(name, "read", () =>
        {
            try
            {
                SafeFileHandle handle = File.OpenHandle(
                    PathOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                return new FileRangeStream(handle, offset, length ?? long.MaxValue - offset);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException || System.IO.Directory.Exists(PathOf(name)))
            {
                throw new StoredObjectNotFoundException(_root, name, e);
            }
        });
        return ValueTask.FromResult(stream);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ObjectNames.ThrowIfInvalidPrefix(prefix);
        List<StoredObject> found = Guarded(prefix, "list", () => Find(prefix, cancellationToken));
        found.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (StoredObject each in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return each;
        }
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(names);
        foreach (string name in names)
        {
            ObjectNames.ThrowIfInvalid(name);
            cancellationToken.ThrowIfCancellationRequested();
            Guarded(name, "delete", () =>
            {
                Delete(PathOf(name));
                return true;
            });
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The folder, for logs and errors.</summary>
    /// <returns>The full path.</returns>
    public override string ToString() => _root;

    private static async ValueTask CopyAsync(PipeReader content, TemporaryFile file, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await content.ReadAsync(cancellationToken);
            if (read.IsCanceled)
            {
                throw new OperationCanceledException("The content of the object was cancelled.");
            }

            foreach (ReadOnlyMemory<byte> piece in read.Buffer)
            {
                file.Append(piece.Span);
            }

            content.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private TemporaryFile CreateTemporary(string name) => Guarded(name, "prepare", () =>
    {
        if (!_swept)
        {
            System.IO.Directory.CreateDirectory(_temporaryFolder);
            foreach (string leftover in System.IO.Directory.EnumerateFiles(_temporaryFolder))
            {
                _calls.DeleteIfUnlocked(leftover);
            }

            _calls.FlushFolder(_root);
            _swept = true;
        }

        while (true)
        {
            string path = Path.Combine(_temporaryFolder, $"{_instance}-{Interlocked.Increment(ref _temporaryFiles):x}");
            SafeFileHandle handle;
            try
            {
                handle = _calls.CreateLocked(path);
            }
            catch (IOException failure) when (File.Exists(path) || _calls.IsHeld(failure))
            {
                continue; // left over by an earlier process of this number, or being swept, or swept already
            }

            // Another process may have swept the file between its creation and its lock.
            if (File.Exists(path))
            {
                return new TemporaryFile(path, handle, _calls, cause => Failure(name, "write", cause));
            }

            handle.Dispose();
        }
    });

    private List<StoredObject> Find(string prefix, CancellationToken cancellationToken)
    {
        var found = new List<StoredObject>();
        string folder = Path.Combine(_root, prefix[..(prefix.LastIndexOf('/') + 1)]);
        if (!System.IO.Directory.Exists(folder))
        {
            return found;
        }

        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 };
        try
        {
            foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*", options))
            {
                cancellationToken.ThrowIfCancellationRequested();
                string name = Path.GetRelativePath(_root, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
                // Temporary files, and what desktops and editors leave in folders, have names that no object has.
                if (name.StartsWith(prefix, StringComparison.Ordinal) && ObjectNames.IsValid(name))
                {
                    found.Add(new StoredObject(name, file.Length));
                }
            }

            return found;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Something was deleted while it was being listed. Every repetition needs one more deletion, so this ends.
            return Find(prefix, cancellationToken);
        }
    }

    private void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }

        // Empty folders are no objects; they go too, as far as nobody else puts something in meanwhile.
        for (string? folder = Path.GetDirectoryName(path); folder is not null && folder != _root; folder = Path.GetDirectoryName(folder))
        {
            try
            {
                System.IO.Directory.Delete(folder);
            }
            catch (IOException)
            {
                return;
            }
        }
    }

    private T InExistingFolder<T>(string target, Func<T> publish)
    {
        string folder = Path.GetDirectoryName(target)!; // an object's path is never a root
        while (true)
        {
            CreateDurably(folder);
            try
            {
                return publish();
            }
            catch (IOException) when (!System.IO.Directory.Exists(folder))
            {
                // A deletion elsewhere just removed the folder as empty.
            }
        }
    }

    private void InExistingFolder(string target, Action publish) => InExistingFolder(target, () =>
    {
        publish();
        return true;
    });

    private void CreateDurably(string folder)
    {
        if (System.IO.Directory.Exists(folder))
        {
            return;
        }

        string parent = Path.GetDirectoryName(folder)!; // below the root, which exists
        CreateDurably(parent);
        System.IO.Directory.CreateDirectory(folder);
        _calls.FlushFolder(parent);
    }

    private string PathOf(string name) => Path.Combine(_root, name);

    private T Guarded<T>(string name, string verb, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure(name, verb, e);
        }
    }

    private StreamKitException Failure(string name, string verb, Exception cause)
    {
        // .NET on Unix keeps the errno in the HResult of the IOException, which is the inner one of an access failure.
        int code = (cause is UnauthorizedAccessException { InnerException: { } inner } ? inner : cause).HResult;
        return new StreamKitException(
            $"The checkpoint store '{_root}' could not {verb} '{name}': {cause.Message} (errno {code & 0xFFFF}). "
            + "Is the folder writable for this user, on a file system that is mounted, and is there space left?",
            cause);
    }
}
