namespace StreamKit.Cli;

/// <summary>A folder with checkpoints or a savepoint.</summary>
internal static class Location
{
    /// <exception cref="StreamKitException">There is no such folder.</exception>
    public static FileCheckpointStore Existing(string folder) => Directory.Exists(folder)
        ? new FileCheckpointStore(folder)
        : throw new StreamKitException($"There is no folder '{Path.GetFullPath(folder)}'.");

    /// <summary>The savepoint of a folder, one of its checkpoints, or the newest of these.</summary>
    public static Task<StateReader> OpenAsync(string folder, long? checkpoint, CancellationToken cancellation)
    {
        var store = Existing(folder);
        return checkpoint is { } number ? StateReader.OpenCheckpointAsync(store, number, cancellation) : StateReader.OpenAsync(store, cancellation);
    }
}
