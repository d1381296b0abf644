using Microsoft.Extensions.Logging;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>
/// Lets a subtask read through its <see cref="SegmentChain"/>: mounts what is new in the chain, swaps the home tier's view, and then says up to which cut
/// reads have passed on. If a segment cannot be mounted, the view stays what it was, which loses nothing, and the next append tries again. Safe for
/// concurrent use.
/// </summary>
internal sealed partial class ChainView
{
    private readonly ChainViewSetup _setup;
    private readonly Lock _lock = new();
    private Dictionary<SegmentReference, MountedSegment> _mounted;
    private IReadOnlyList<SegmentReference> _wanted = [];
    private Task _mounting = Task.CompletedTask;
    private long _cut;
    private long _passedCut;
    private long _version;
    private long _triedVersion;
    private long _mountedVersion;
    private bool _isMounting;
    private bool _isClosed;

    /// <summary>Creates a view.</summary>
    /// <param name="setup">What it works with.</param>
    /// <param name="restored">The segments that the home tier reads already, as the chain names them.</param>
    public ChainView(ChainViewSetup setup, IReadOnlyList<(SegmentReference Reference, MountedSegment Mounted)> restored)
    {
        _setup = setup;
        _mounted = Empty();
        foreach ((SegmentReference reference, MountedSegment mounted) in restored)
        {
            _mounted.Add(reference, mounted);
        }

        setup.Tier.Refresh = RefreshAsync;
    }

    /// <summary>Has the view follow the chain. Returns at once.</summary>
    /// <param name="inForce">The segments of the chain.</param>
    /// <param name="cut">The newest cut that is in them.</param>
    public void Publish(IReadOnlyList<SegmentReference> inForce, long cut)
    {
        lock (_lock)
        {
            _wanted = inForce;
            _cut = Math.Max(_cut, cut);
            _version++;
            Begin();
        }
    }

    /// <summary>Nobody reads any more: the chain is not followed from now on, and what was mounted is let go of. Reads that are under way must have ended.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            (_mounted, _wanted) = (Empty(), []);
            _setup.Tier.Swap([]);
        }
    }

    /// <summary>Returns when nothing is being mounted. The attempt's end has to be known to the setup's token before.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            return _mounting;
        }
    }

    // By identity: the chain keeps the object of each of its segments, and two segments may be equal in all that is written in one.
    private static Dictionary<SegmentReference, MountedSegment> Empty() => new(ReferenceEqualityComparer.Instance);

    /// <summary>Sees to it that what the chain has now is mounted, or was tried to be.</summary>
    private async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        // Twice: what runs already may have failed for what is gone, or have begun before the chain changed.
        for (int i = 0; i < 2; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task mounting;
            lock (_lock)
            {
                if (_mountedVersion == _version)
                {
                    return;
                }

                Begin();
                mounting = _mounting;
            }

            await mounting;
        }
    }

    private void Begin()
    {
        if (!_isMounting && !_isClosed && !_setup.Stopping.IsCancellationRequested)
        {
            _isMounting = true;
            _mounting = _setup.Run(MountAllAsync);
        }
    }

    private async Task MountAllAsync()
    {
        bool goesOn = true;
        while (goesOn)
        {
            try
            {
                await MountAsync();
            }
            catch (Exception cause)
            {
                if (!_setup.Stopping.IsCancellationRequested)
                {
                    LogFailed(_setup.Logger, _setup.OperatorName, _setup.Subtask, cause);
                }
            }

            goesOn = GoesOn();
        }
    }

    /// <summary>Whether the chain has changed since what was tried last.</summary>
    private bool GoesOn()
    {
        lock (_lock)
        {
            _isMounting = _triedVersion != _version && !_isClosed && !_setup.Stopping.IsCancellationRequested;
            return _isMounting;
        }
    }

    private async Task MountAsync()
    {
        IReadOnlyList<SegmentReference> wanted;
        long cut;
        lock (_lock)
        {
            (wanted, cut) = (_wanted, _cut);
            _triedVersion = _version;
        }

        Dictionary<SegmentReference, MountedSegment> mounted = Empty();
        foreach (SegmentReference reference in wanted)
        {
            mounted.Add(reference, _mounted.TryGetValue(reference, out MountedSegment? known) ? known : await _setup.Mount(reference, _setup.Stopping));
        }

        lock (_lock)
        {
            _mountedVersion = _triedVersion;
            if (!_isClosed)
            {
                _mounted = mounted;
                _setup.Tier.Swap([.. wanted.Select(each => mounted[each])]);
            }
        }

        if (cut > _passedCut)
        {
            _passedCut = cut;
            _setup.OnPassed(cut);
        }
    }

    [LoggerMessage(LogLevel.Warning, "New segments of operator '{Operator}' subtask {Subtask} could not be mounted; reads go on with the older ones, and the next checkpoint tries again")]
    private static partial void LogFailed(ILogger logger, string @operator, int subtask, Exception cause);
}
