namespace StreamKit.Checkpoints;

/// <summary>
/// The newest committed checkpoint of a job, for those who read it beside the job; and those that are being read, which this runner does not delete
/// meanwhile. One object for all attempts of a runner. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Only the newest checkpoint is ever begun to be read, and only one that is not the newest any more is ever deleted: so whoever has begun reading finds
/// all that the checkpoint names, unless another runner takes the job over.
/// </remarks>
internal sealed class CommittedCheckpoints
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, int> _readers = [];
    private CheckpointManifest? _newest;

    /// <summary>The newest checkpoint; null when there is none.</summary>
    public CheckpointManifest? Newest => Volatile.Read(ref _newest);

    /// <summary>Says which checkpoint is in force now: the one that was just committed, or the one that a claim starts from. Before anything older is deleted.</summary>
    public void Publish(CheckpointManifest? newest)
    {
        lock (_lock)
        {
            Volatile.Write(ref _newest, newest);
        }
    }

    /// <summary>Keeps the newest checkpoint until the reading is disposed of; null when there is none.</summary>
    public CheckpointReading? BeginReading()
    {
        lock (_lock)
        {
            if (_newest is not { } newest)
            {
                return null;
            }

            _readers[newest.Number] = _readers.GetValueOrDefault(newest.Number) + 1;
            return new CheckpointReading(this, newest);
        }
    }

    /// <summary>Whether somebody reads a checkpoint. When nobody reads one that is not the newest, nobody ever will.</summary>
    public bool IsRead(long number)
    {
        lock (_lock)
        {
            return _readers.ContainsKey(number);
        }
    }

    /// <summary>Ends one reading.</summary>
    internal void EndReading(long number)
    {
        lock (_lock)
        {
            if (--_readers[number] == 0)
            {
                _readers.Remove(number);
            }
        }
    }
}
