using Microsoft.Extensions.Logging;

namespace StreamKit.Checkpoints;

/// <summary>
/// Which checkpoints are in force, and the deletion of the others. Something is deleted only after a committed entry has released it:
/// its files first, then its entry, and not while somebody reads it beside the job. Claims are never deleted. No clock takes part.
/// </summary>
/// <remarks>Owned by <see cref="CheckpointLog"/>; one call at a time.</remarks>
internal sealed partial class LogRetention
{
    private readonly ICheckpointStore _store;
    private readonly LogObjects _objects;
    private readonly ILogger _logger;
    private readonly LogEntry _claim;
    private readonly int _count;
    private readonly CommittedCheckpoints _committed;
    private readonly SortedSet<long> _retained;
    private readonly SortedSet<long> _released;

    /// <summary>What the checkpoints that were read or written here are made of.</summary>
    private readonly Dictionary<long, HashSet<string>> _files = [];

    /// <summary>Checkpoints that are being copied: kept whatever their number.</summary>
    private readonly HashSet<long> _pinned = [];

    private bool _isSwept;

    /// <summary>Until the first checkpoint under the claim, whoever comes next starts where the claim did; from then on the entries say what is kept.</summary>
    private bool _needsBase = true;

    public LogRetention(ICheckpointStore store, LogObjects objects, ILogger logger, LogEntry claim, int count, CommittedCheckpoints committed)
    {
        _store = store;
        _objects = objects;
        _logger = logger;
        _claim = claim;
        _count = count;
        _committed = committed;
        _retained = [.. claim.Retained];
        _released = [.. claim.Released];
        if (claim.Manifest is { } manifest)
        {
            _files[manifest.Number] = [.. manifest.ObjectNames];
        }
    }

    /// <summary>The checkpoints in force, ascending.</summary>
    public IReadOnlyCollection<long> Retained => _retained;

    /// <summary>The checkpoints given up whose deletion is not known to be complete, ascending.</summary>
    public IReadOnlyCollection<long> Released => _released;

    /// <summary>What an entry at a number would keep and release.</summary>
    public (IReadOnlyList<long> Kept, IReadOnlyList<long> Released) Plan(long number)
    {
        List<long> kept = [.. _retained, number];
        List<long> surplus = [.. kept[..Math.Max(0, kept.Count - _count)].Where(each => !_pinned.Contains(each))];
        return ([.. kept.Except(surplus)], [.. _released.Concat(surplus).Order()]);
    }

    /// <summary>Keeps a checkpoint in force until <see cref="Unpin"/>, or until another runner decides.</summary>
    public void Pin(long number) => _pinned.Add(number);

    public void Unpin(long number) => _pinned.Remove(number);

    public void Committed(LogEntry entry, CheckpointManifest manifest)
    {
        _needsBase = false;
        _files[entry.Number] = [.. manifest.ObjectNames];
        _retained.Clear();
        _retained.UnionWith(entry.Retained);
        _released.Clear();
        _released.UnionWith(entry.Released);
    }

    /// <summary>
    /// Deletes what is released, and, the first time, what earlier runners left. What cannot be deleted now is deleted after the next
    /// checkpoint; it does no harm but take space.
    /// </summary>
    public async ValueTask CleanAsync(CancellationToken cancellationToken)
    {
        try
        {
            await DeleteReleasedAsync(cancellationToken);
            if (!_isSwept)
            {
                int swept = await SweepAsync(cancellationToken);
                _isSwept = true;
                if (swept > 0)
                {
                    LogSwept(_logger, swept);
                }
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogCleaningFailed(_logger, e);
        }
    }

    /// <summary>Deletes what committed entries have released. What fails is tried again after the next checkpoint.</summary>
    public async ValueTask DeleteReleasedAsync(CancellationToken cancellationToken)
    {
        HashSet<long> read = Read();
        // What is being read stays released, and goes after a later checkpoint.
        long[] going = [.. _released.Where(number => !read.Contains(number))];
        if (going.Length == 0 || await FilesInForceAsync(read, cancellationToken) is not { } inForce)
        {
            return;
        }

        foreach (long number in going)
        {
            HashSet<string>? files = await FilesOfAsync(number, cancellationToken);
            if (files is not null)
            {
                await _store.DeleteAsync([.. files.Where(f => !inForce.Contains(f))], cancellationToken);
            }

            // Without a list of files only the entry goes; files that are left are swept under a later claim, as nothing names them.
            await _store.DeleteAsync([StoredNames.LogEntry(number)], cancellationToken);
            _released.Remove(number);
            _files.Remove(number);
        }
    }

    /// <summary>Deletes files that runners with lower claims left and no checkpoint in force names. Only after the claim is proven.</summary>
    /// <returns>How many files were deleted.</returns>
    public async ValueTask<int> SweepAsync(CancellationToken cancellationToken)
    {
        if (await FilesInForceAsync(Read(), cancellationToken) is not { } inForce)
        {
            return 0;
        }

        var orphans = new List<string>();
        await foreach (StoredObject each in _store.ListAsync(StoredNames.DataPrefix, cancellationToken))
        {
            if (StoredNames.DataClaim(each.Name) < _claim.Number && !inForce.Contains(each.Name))
            {
                orphans.Add(each.Name);
            }
        }

        await _store.DeleteAsync(orphans, cancellationToken);
        return orphans.Count;
    }

    /// <summary>The released checkpoints that somebody reads.</summary>
    private HashSet<long> Read() => [.. _released.Where(_committed.IsRead)];

    /// <summary>All files named by checkpoints in force or being read; null when one of these entries cannot be read, so that nothing may be deleted.</summary>
    private async ValueTask<HashSet<string>?> FilesInForceAsync(HashSet<long> read, CancellationToken cancellationToken)
    {
        var inForce = new HashSet<string>(_needsBase ? _claim.Manifest?.ObjectNames ?? [] : []);
        foreach (long number in _retained.Concat(read).ToArray())
        {
            if (await FilesOfAsync(number, cancellationToken) is not { } files)
            {
                LogNothingDeleted(_logger, number);
                return null;
            }

            inForce.UnionWith(files);
        }

        return inForce;
    }

    /// <summary>The files of a checkpoint; null when its entry is damaged or gone.</summary>
    private async ValueTask<HashSet<string>?> FilesOfAsync(long number, CancellationToken cancellationToken)
    {
        if (_files.TryGetValue(number, out HashSet<string>? known))
        {
            return known;
        }

        try
        {
            LogEntry entry = await _objects.ReadAsync(number, cancellationToken);
            return _files[number] = [.. entry.Manifest?.ObjectNames ?? []];
        }
        catch (StoredObjectNotFoundException)
        {
            // Released: deleted before, and its files before it. In force: another runner has taken over, and decides.
            return null;
        }
        catch (CheckpointDamagedException e)
        {
            LogDamaged(_logger, number, e);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Checkpoint {Number} is in force but cannot be read; no files are deleted as long as it is kept")]
    private static partial void LogNothingDeleted(ILogger logger, long number);

    [LoggerMessage(LogLevel.Information, "{Count} files that earlier runners left in the checkpoint store were deleted.")]
    private static partial void LogSwept(ILogger logger, int count);

    [LoggerMessage(LogLevel.Warning, "Old checkpoints could not be deleted; that is tried again after the next checkpoint")]
    private static partial void LogCleaningFailed(ILogger logger, Exception cause);

    [LoggerMessage(LogLevel.Warning, "The log entry of checkpoint {Number} is damaged")]
    private static partial void LogDamaged(ILogger logger, long number, Exception cause);
}
