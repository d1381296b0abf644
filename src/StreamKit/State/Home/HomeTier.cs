namespace StreamKit.State;

/// <summary>
/// The state of one subtask in the checkpoint store, read on demand: the union of mounted segments, newest wins. A view of them is swapped for an
/// equivalent or newer one from any thread; reads go on with the view they began with, and with the next one when that has lost a segment. Any number
/// of reads at a time.
/// </summary>
internal sealed class HomeTier
{
    private readonly Func<Func<Task>, Task> _run;
    private readonly int _parallelism;
    private MountedSegment[] _view = [];

    /// <summary>Creates a tier without segments.</summary>
    /// <param name="run">Runs requests beside each other, such as the job's executor does.</param>
    /// <param name="parallelism">The most requests of one read at a time.</param>
    public HomeTier(Func<Func<Task>, Task> run, int parallelism)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        _run = run;
        _parallelism = parallelism;
    }

    /// <summary>
    /// Asked when a segment of the view is gone from the store: it sees to it that the view is current, so that only what the current view lacks is
    /// damage.
    /// </summary>
    public Func<CancellationToken, ValueTask>? Refresh { get; set; }

    /// <summary>The segments that are read, from the oldest to the newest.</summary>
    public IReadOnlyList<MountedSegment> View => Volatile.Read(ref _view);

    /// <summary>Lets reads that begin from now on use other segments. From any thread.</summary>
    /// <param name="segments">The segments, from the oldest to the newest.</param>
    public void Swap(IReadOnlyList<MountedSegment> segments) => Volatile.Write(ref _view, [.. segments]);

    /// <summary>
    /// Finds the rows in force of the keys of a batch. Completes at once, without allocating, when filters and blocks in memory can tell.
    /// </summary>
    /// <param name="batch">The keys; receives the rows. Not to be used until the read has completed.</param>
    /// <param name="cancellationToken">Gives the reading up.</param>
    /// <exception cref="CheckpointDamagedException">A block is damaged, or its object is gone from the store.</exception>
    public ValueTask ReadAsync(HomeReadBatch batch, CancellationToken cancellationToken)
    {
        MountedSegment[] view = Volatile.Read(ref _view);
        return TryRead(batch, view) ? ValueTask.CompletedTask : BeginMissing(batch, view, cancellationToken);
    }

    /// <summary>As <see cref="ReadAsync"/> where filters and blocks in memory can tell; else false, and nothing is read.</summary>
    public bool TryRead(HomeReadBatch batch) => TryRead(batch, Volatile.Read(ref _view));

    /// <summary>Goes through all rows of a state in some key groups, reading ahead, and reading nothing else.</summary>
    /// <param name="stateId">The state; null for all.</param>
    /// <param name="keyGroups">The key groups.</param>
    public HomeRange ReadRange(int? stateId, KeyGroupRange keyGroups) => new(this, stateId, keyGroups, _run);

    /// <summary>The view to go on with when a segment is gone from the store.</summary>
    /// <exception cref="CheckpointDamagedException">It is the view that lacks it.</exception>
    internal async ValueTask<IReadOnlyList<MountedSegment>> ViewAfterAsync(
        IReadOnlyList<MountedSegment> view, StoredObjectNotFoundException cause, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _view) == view && Refresh is { } refresh)
        {
            await refresh(cancellationToken);
        }

        MountedSegment[] current = Volatile.Read(ref _view);
        return current != view
            ? current
            : throw new CheckpointDamagedException(cause.Name, "content", "it is missing, although the state is read from it", cause);
    }

    private static bool TryRead(HomeReadBatch batch, MountedSegment[] view)
    {
        HomeLookup.Begin(batch, view);
        if (!batch.Missing.IsEmpty)
        {
            return false;
        }

        batch.Found.Settle(batch, view.Length);
        return true;
    }

    // Apart, so that what the lambda captures is allocated only here.
    private ValueTask BeginMissing(HomeReadBatch batch, MountedSegment[] view, CancellationToken cancellationToken) =>
        new(_run(() => ReadMissingAsync(batch, view, cancellationToken)));

    private async Task ReadMissingAsync(HomeReadBatch batch, MountedSegment[] view, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await FetchAsync(batch, view, cancellationToken);
                batch.Found.Settle(batch, view.Length);
                return;
            }
            catch (StoredObjectNotFoundException cause)
            {
                // It was merged with others and deleted while it was read.
                view = (MountedSegment[])await ViewAfterAsync(view, cause, cancellationToken);
                HomeLookup.Begin(batch, view);
            }
        }
    }

    /// <summary>Reads the missing blocks side by side. Whatever happens, nobody uses the batch any more when it returns.</summary>
    private Task FetchAsync(HomeReadBatch batch, MountedSegment[] view, CancellationToken cancellationToken)
    {
        batch.Missing.Group();
        return SideBySide.RunAsync(Math.Min(_parallelism, batch.Missing.Groups), _run, () => FetchNextAsync(batch, view, cancellationToken));
    }

    private static async Task FetchNextAsync(HomeReadBatch batch, MountedSegment[] view, CancellationToken cancellationToken)
    {
        try
        {
            while (batch.Missing.TryTake(out ReadOnlyMemory<MissingBlocks.Want> wants))
            {
                (int segment, int block, _, _) = wants.Span[0];
                HomeBlock read = await view[segment].Segment.ReadAsync(block, cancellationToken);
                lock (batch.Missing)
                {
                    HomeLookup.Answer(batch, view, wants.Span, read);
                }
            }
        }
        catch
        {
            batch.Missing.GiveUp();
            throw;
        }
    }
}
