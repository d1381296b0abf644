using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>What is mounted of an operator for queries. One query at a time mounts, the others wait for it. Safe for concurrent use.</summary>
internal sealed class OperatorMount
{
    private readonly Lock _lock = new();
    private QueriedOperator? _newest;
    private Task? _mounting;

    /// <summary>The segments of what was mounted last. Read and set by whoever mounts.</summary>
    public IReadOnlyDictionary<SegmentPlace, HomeSegment> Segments { get; set; } = new Dictionary<SegmentPlace, HomeSegment>();

    public HomeSegment? Find(SegmentPlace place) => Segments.GetValueOrDefault(place);

    /// <summary>Gives what is mounted of a checkpoint, and mounts it if that is another one.</summary>
    /// <param name="manifest">The checkpoint.</param>
    /// <param name="mount">Mounts it.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    public async ValueTask<QueriedOperator> MountAsync(CheckpointManifest manifest, Func<ValueTask<QueriedOperator>> mount, CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource? own = null;
            Task others;
            lock (_lock)
            {
                if (_newest is { } mounted && ReferenceEquals(mounted.Manifest, manifest))
                {
                    return mounted;
                }

                if (_mounting is null)
                {
                    own = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    _mounting = own.Task;
                }

                others = _mounting;
            }

            if (own is null)
            {
                // It may fail for reasons of its own, or be of another checkpoint: that is seen on the next round.
                await others.WaitAsync(cancellationToken);
                continue;
            }

            try
            {
                QueriedOperator result = await mount();
                lock (_lock)
                {
                    _newest = result;
                }

                return result;
            }
            finally
            {
                lock (_lock)
                {
                    _mounting = null;
                }

                own.SetResult();
            }
        }
    }
}
