using Microsoft.Extensions.Logging;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>
/// The segments in force for one subtask of an operator, from the oldest to the newest: their union is its state as of the last cut that
/// was stored. Merges neighbours beside the checkpoints. Owned by one attempt; safe for concurrent use.
/// </summary>
/// <remarks>
/// A segment that was stored stays, also when its checkpoint fails: the next one builds on it. A merge that fails changes nothing, and is
/// tried again after the next checkpoint. Its inputs stay in the store as long as checkpoints name them.
/// </remarks>
internal sealed partial class SegmentChain : IAsyncDisposable
{
    private readonly SegmentChainSetup _setup;
    private readonly SegmentMerger _merger;
    private readonly CancellationTokenSource _stopping;
    private readonly Lock _lock = new();
    private readonly List<Link> _links;
    private Task _merging = Task.CompletedTask;
    private bool _isMerging;
    private bool _isDisposed;
    private long _merges;

    /// <summary>Creates a chain.</summary>
    /// <param name="setup">What it works with.</param>
    /// <param name="restored">The segments restored from, clipped to the subtask's key groups, from the oldest to the newest.</param>
    /// <param name="stopping">Cancelled when the attempt ends.</param>
    public SegmentChain(SegmentChainSetup setup, IReadOnlyList<ChainedSegment> restored, CancellationToken stopping)
    {
        _setup = setup;
        _merger = new SegmentMerger(setup.Store, setup.Schemas);
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        int[] levels = SegmentMergePicker.LevelsOf([.. restored.Select(each => MergeCandidate.Of(each.Info, each.Reference.KeyGroups, 0).ClippedLength)]);
        _links = [.. restored.Select((each, i) => Link.Of(each, levels[i]))];
    }

    /// <summary>What a manifest names, from the oldest to the newest.</summary>
    public IReadOnlyList<SegmentReference> InForce
    {
        get
        {
            lock (_lock)
            {
                return Snapshot();
            }
        }
    }

    /// <summary>Adds the segment of a cut, which is stored or travels in the manifest. In the order of the cuts.</summary>
    /// <returns>The segments in force with it: what the manifest of its checkpoint names.</returns>
    public IReadOnlyList<SegmentReference> Append(SegmentReference reference, SegmentInfo info)
    {
        lock (_lock)
        {
            if (_links.Count > 0 && _links[^1].Reference.Sequence >= reference.Sequence)
            {
                throw new InvalidOperationException(
                    $"Operator '{_setup.OperatorName}' subtask {_setup.Subtask}: segment {reference.Sequence} was appended behind {_links[^1].Reference.Sequence}, which is not older.");
            }

            _links.Add(Link.Of(new ChainedSegment(reference, info), 0));
            IReadOnlyList<SegmentReference> inForce = Snapshot();
            if (!_isMerging && !_isDisposed && Pick() is not null)
            {
                _isMerging = true;
                _merging = _setup.Run(MergeAsync);
            }

            _setup.View?.Publish(inForce, reference.Sequence);
            return inForce;
        }
    }

    /// <summary>Takes note of a cut without a segment, since nothing had changed.</summary>
    /// <param name="sequence">Its place in the order of age.</param>
    /// <returns>The segments in force.</returns>
    public IReadOnlyList<SegmentReference> Pass(long sequence)
    {
        lock (_lock)
        {
            IReadOnlyList<SegmentReference> inForce = Snapshot();
            _setup.View?.Publish(inForce, sequence);
            return inForce;
        }
    }

    /// <summary>Gives up the merge that runs, and returns when it has ended. Nothing is appended any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Task merging;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            merging = _merging;
        }

        _stopping.Cancel();
        await merging;
        if (_setup.View is { } view)
        {
            await view.StopAsync();
        }

        _stopping.Dispose();
    }

    private IReadOnlyList<SegmentReference> Snapshot() => [.. _links.Select(static each => each.Reference)];

    private (int First, int Count)? Pick()
    {
        bool canDie = _setup.DeadRows() is not null;
        return _setup.Pick([.. _links.Select(each => canDie ? each.Candidate with { Sample = null } : each.Candidate)]);
    }

    /// <summary>Merges once. The next append begins the next merge, so that each result is named by a checkpoint, which then releases it.</summary>
    private async Task MergeAsync()
    {
        try
        {
            using IDisposable room = await _setup.Room.EnterAsync(MostBuffered(), _stopping.Token);
            if (Begin() is { } merge)
            {
                ChainedSegment? result = await _merger.MergeAsync(merge.References, merge.KeepsTombstones, _setup.DeadRows(), merge.Name, _stopping.Token);
                Replace(merge, result);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The attempt has ended; the next one merges what there is.
        }
        catch (Exception cause)
        {
            LogFailed(_setup.Logger, _setup.OperatorName, _setup.Subtask, cause);
        }
        finally
        {
            lock (_lock)
            {
                _isMerging = false;
            }
        }
    }

    /// <summary>What a merge of all segments would take: which ones are merged is decided when there is room.</summary>
    private long MostBuffered()
    {
        lock (_lock)
        {
            return _links.Sum(static each => SegmentMerger.BufferedFor(each.Candidate));
        }
    }

    /// <summary>What to merge; null when the chain is fine as it is, or the attempt has ended.</summary>
    private Merge? Begin()
    {
        lock (_lock)
        {
            if (_isDisposed || _stopping.IsCancellationRequested || Pick() is not { } pick)
            {
                return null;
            }

            Link[] links = [.. _links.GetRange(pick.First, pick.Count)];
            SegmentReference[] references = [.. links.Select(static each => each.Reference)];
            KeyGroupRange range = SegmentMerger.SmallestRangeOf(references);
            // What is deleted here could come back from any older segment with the same key groups.
            bool keepsTombstones = _links.Take(pick.First).Any(each => !each.Reference.KeyGroups.Intersect(range).IsEmpty);
            return new Merge(links, references, keepsTombstones, StoredNames.Data(_setup.Claim, ++_merges, "merged-" + _setup.Part));
        }
    }

    /// <summary>Lets the result take the place of what it was made of. Meanwhile other segments may have been appended.</summary>
    private void Replace(Merge merge, ChainedSegment? result)
    {
        lock (_lock)
        {
            int first = _links.IndexOf(merge.Links[0]);
            if (first < 0 || !_links.Skip(first).Take(merge.Links.Length).SequenceEqual(merge.Links))
            {
                throw new InvalidOperationException("What was merged is no longer in the chain side by side: the result has no place there.");
            }

            _links.RemoveRange(first, merge.Links.Length);
            if (result is not null)
            {
                _links.Insert(first, merge.Become(result));
            }

            _setup.View?.Publish(Snapshot(), merge.References[^1].Sequence);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Segments of operator '{Operator}' subtask {Subtask} could not be merged; that is tried again after the next checkpoint, and costs time and space until then")]
    private static partial void LogFailed(ILogger logger, string @operator, int subtask, Exception cause);

    /// <summary>A segment with what the picker asks; equal to itself only.</summary>
    private sealed class Link(SegmentReference reference, MergeCandidate candidate)
    {
        public SegmentReference Reference => reference;

        public MergeCandidate Candidate => candidate;

        public static Link Of(ChainedSegment segment, int level) => new(segment.Reference, MergeCandidate.Of(segment.Info, segment.Reference.KeyGroups, level));
    }

    private sealed record Merge(Link[] Links, SegmentReference[] References, bool KeepsTombstones, string Name)
    {
        public Link Become(ChainedSegment result)
        {
            MergeCandidate candidate = MergeCandidate.Of(result.Info, result.Reference.KeyGroups, Links.Max(static each => each.Candidate.Level) + 1);
            return new Link(result.Reference, candidate with { LongestCut = Links.Max(static each => each.Candidate.LongestCut) });
        }
    }
}
