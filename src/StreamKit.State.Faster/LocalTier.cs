namespace StreamKit.State.Faster;

/// <summary>
/// The local stores of one job and the folder they own. A folder belongs to whoever holds the lock on its file 'owner'; the system lets go of that
/// with the process, however it ends. What dead owners left is deleted when a job starts.
/// </summary>
internal sealed class LocalTier : ILocalState
{
    private const string FolderPrefix = "stores-";
    private const string LockName = "owner";

    private readonly LocalStoreOptions _options;
    private readonly LocalStoreSizes _sizes;
    private readonly FileStream _lock;
    private int _stores;

    private LocalTier(LocalStoreOptions options, string folder, FileStream ownership)
    {
        _options = options;
        _sizes = LocalStoreSizes.Of(options.MemoryBytes, options.DiskBytes, options.Stores);
        _lock = ownership;
        Folder = folder;
    }

    /// <summary>The folder that is this job's alone.</summary>
    public string Folder { get; }

    public long HotBytes => _options.HotBytes;

    public LocalBlocks Blocks => _options.Blocks;

    /// <summary>Takes the first folder that nobody owns, and clears all such.</summary>
    /// <exception cref="StreamKitException">The folder cannot be used.</exception>
    public static LocalTier Open(LocalStoreOptions options)
    {
        try
        {
            Directory.CreateDirectory(options.Directory);
            foreach (var folder in Directory.EnumerateDirectories(options.Directory, FolderPrefix + "*"))
            {
                using var dead = TryOwn(folder);
                if (dead is not null)
                    Clear(folder);
            }

            for (var number = 0; ; number++)
            {
                var folder = Path.Combine(options.Directory, string.Create(null, $"{FolderPrefix}{number}"));
                Directory.CreateDirectory(folder);
                if (TryOwn(folder) is { } ownership)
                {
                    Clear(folder);
                    return new LocalTier(options, folder, ownership);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StreamKitException(
                $"The folder '{options.Directory}' cannot hold local state: {error.Message} Name a folder on a local disk that the job's user may write to.", error);
        }
    }

    /// <summary>Opens an empty store.</summary>
    /// <param name="name">The operator and subtask, for errors.</param>
    /// <param name="homeHoldsRows">Whether checkpoints hold rows of it, as after a restore: then a key without a row proves nothing.</param>
    public LocalStore OpenStore(string name, bool homeHoldsRows)
    {
        var files = new SegmentFiles(Path.Combine(Folder, string.Create(null, $"{Interlocked.Increment(ref _stores)}")));
        var retries = new DeviceRetries(_options.Time, _options.Attempts, _options.RetryPause, _options.Pause);
        return new LocalStore(name, _sizes, files, retries, _options.Schedule, homeHoldsRows);
    }

    ILocalStore ILocalState.OpenStore(string name, bool homeHoldsRows) => new StoreOfRows(OpenStore(name, homeHoldsRows));

    /// <summary>Lets go of the folder. Stores delete their files on their own disposal, which comes first.</summary>
    public void Dispose()
    {
        try
        {
            Clear(Folder);
        }
        finally
        {
            _lock.Dispose();
        }
    }

    // The lock's file stays for ever: whoever deleted it might take it from under one who has just opened it.
    private static void Clear(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file) != LockName))
            File.Delete(file);
    }

    private static FileStream? TryOwn(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (IsLocked(error))
        {
            return null;
        }
    }

    // A sharing or lock violation on Windows; on Unix .NET reports a lock that it did not get with EWOULDBLOCK.
    private static bool IsLocked(IOException error) => (error.HResult & 0xFFFF) is 32 or 33 or 11 or 35;
}
