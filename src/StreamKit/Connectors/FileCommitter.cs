using Microsoft.Extensions.Logging;
using StreamKit.Checkpoints;

namespace StreamKit.Connectors;

/// <summary>Gives prepared files their final names, and removes what earlier runners of the job left.</summary>
internal sealed partial class FileCommitter(string directory, SinkContext context) : SinkCommitter
{
    public override async ValueTask CommitAsync(IReadOnlyList<Committable> transactions, CancellationToken cancellationToken)
    {
        // Renaming and flushing wait for the disk, and this may have been called on a task's thread.
        await Task.Yield();
        var folders = new HashSet<string>();
        foreach (Committable committable in transactions)
        {
            cancellationToken.ThrowIfCancellationRequested();
            FileTransaction transaction = FileTransaction.From(committable);
            string folder = FolderOf(transaction);
            try
            {
                Commit(folder, transaction);
            }
            catch (Exception e) when (FileErrors.IsFromSystem(e))
            {
                throw FileErrors.CannotWrite(folder, e);
            }

            folders.Add(folder);
        }

        // Also for what had its name already: it may be an earlier runner's, which was killed before it came to this.
        foreach (string folder in folders)
            FileSystemCalls.OfThisSystem.FlushFolder(folder);
    }

    public override async ValueTask AbortAsync(long claim, IReadOnlySet<string> keep, CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (!Directory.Exists(directory))
            return;
        foreach (string path in Directory.EnumerateFiles(directory, FileTransaction.PendingPattern(context), SearchOption.TopDirectoryOnly))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (FileTransaction.TryParsePending(context, Path.GetFileName(path), out string id, out long owner) && owner < claim && !keep.Contains(id))
                Remove(path);
        }
    }

    /// <summary>The folder in which the writer left the file; or, when it is not there, this runner's: folders are moved between runs.</summary>
    private string FolderOf(FileTransaction transaction)
    {
        foreach (string folder in new[] { transaction.Directory, directory })
        {
            if (File.Exists(Path.Combine(folder, transaction.PendingName)) || File.Exists(Path.Combine(folder, transaction.FinalName)))
                return folder;
        }

        string places = transaction.Directory == directory ? $"'{directory}'" : $"'{transaction.Directory}' and '{directory}'";
        throw new StreamKitException($"The checkpoint names the file '{transaction.FinalName}' (before its commit '{transaction.PendingName}'), and neither is in {places}: "
            + $"rows of the sink '{context.Name}' are missing from the output. Put the file back where it was, or start the job anew.");
    }

    private static void Commit(string folder, FileTransaction transaction)
    {
        string pending = Path.Combine(folder, transaction.PendingName);
        string final = Path.Combine(folder, transaction.FinalName);
        if (File.Exists(pending))
        {
            CheckLength(pending, transaction);
            if (File.Exists(final))
                throw new StreamKitException($"The file '{final}' is there already, though '{pending}' has still to get this name; nothing is overwritten. Move the older file away and start the job again.");
            try
            {
                FileSystemCalls.OfThisSystem.Replace(pending, final);
            }
            catch (IOException) when (!File.Exists(pending) && File.Exists(final))
            {
                // Another runner, with the same checkpoint, was faster.
            }
        }

        CheckLength(final, transaction);
    }

    private static void CheckLength(string path, FileTransaction transaction)
    {
        long length = new FileInfo(path).Length;
        if (length != transaction.Length)
            throw new StreamKitException($"The file '{path}' has {length} bytes, and had {transaction.Length} when the checkpoint was made: somebody changed it. Put the right file back, or start the job anew.");
    }

    private void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (FileErrors.IsFromSystem(e))
        {
            // It is invisible and harmless; the next checkpoint tries again.
            LogNotRemoved(context.Logger, path, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not remove '{Path}', which an earlier run left: {Reason}")]
    private static partial void LogNotRemoved(ILogger logger, string path, string reason);
}
