using System.Globalization;

namespace StreamKit.State;

/// <summary>
/// The folder of a <see cref="DiskBlockCache"/>: it belongs to whoever holds the lock on its file 'owner', of which the system lets go with the process,
/// however that ends. Two processes of one job have two.
/// </summary>
internal sealed class CacheFolder : IDisposable
{
    private const string LockName = "owner";
    private const string ChunkSuffix = ".blocks";

    private readonly FileStream _lock;

    private CacheFolder(string path, FileStream ownership)
    {
        Path = path;
        _lock = ownership;
    }

    public string Path { get; }

    /// <summary>Takes the first folder of a job that nobody owns, as it was left, and empties the others that nobody owns.</summary>
    /// <exception cref="StreamKitException">The directory cannot be used.</exception>
    public static CacheFolder Take(string directory, Guid jobId)
    {
        string prefix = System.IO.Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"blocks-{jobId:N}-"));
        try
        {
            CacheFolder? own = null;
            for (int number = 0; ; number++)
            {
                string path = string.Create(CultureInfo.InvariantCulture, $"{prefix}{number}");
                if (own is not null && !Directory.Exists(path))
                {
                    return own;
                }

                Directory.CreateDirectory(path);
                if (TryOwn(path) is not { } folder)
                {
                    continue;
                }

                if (own is null)
                {
                    own = folder;
                    continue;
                }

                folder.Clear();
                folder.Dispose();
            }
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw Unusable(directory, cause);
        }
    }

    public static StreamKitException Unusable(string directory, Exception cause) => new(
        $"The folder '{directory}' cannot hold a cache of blocks: {cause.Message} Name a folder on a local disk that the job's user may write to.", cause);

    /// <summary>The chunks' files, the oldest first.</summary>
    public string[] Chunks() => [.. Directory.EnumerateFiles(Path, "*" + ChunkSuffix).Order(StringComparer.Ordinal)];

    public string ChunkName(long number) => System.IO.Path.Combine(Path, number.ToString("D12", CultureInfo.InvariantCulture) + ChunkSuffix);

    public void Dispose() => _lock.Dispose();

    private void Clear()
    {
        foreach (string file in Chunks())
        {
            File.Delete(file);
        }
    }

    private static CacheFolder? TryOwn(string path)
    {
        try
        {
            return new CacheFolder(path, new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error) when ((error.HResult & 0xFFFF) is 32 or 33 or 11 or 35)
        {
            // A sharing or lock violation on Windows; on Unix .NET reports a lock that it did not get with EWOULDBLOCK.
            return null;
        }
    }
}
