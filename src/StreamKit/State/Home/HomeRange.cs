using System.Diagnostics;

namespace StreamKit.State;

/// <summary>
/// Goes through the rows in force of one state, or of all, in some key groups, in order, reading ahead and nothing else. When a segment is merged away and
/// deleted meanwhile, it goes on behind the last row in the segments that are then in force. Used by one caller at a time.
/// </summary>
internal sealed class HomeRange : IAsyncDisposable
{
    private readonly HomeTier _tier;
    private readonly int? _stateId;
    private readonly KeyGroupRange _keyGroups;
    private readonly Func<Func<Task>, Task> _run;
    private readonly List<BlockFeed> _feeds = [];
    private IReadOnlyList<MountedSegment> _view;
    private SegmentMerge _rows;
    private byte[] _last = new byte[64];
    private int _lastKeyGroup = -1;
    private int _lastStateId;
    private int _lastKeyLength;
    private int _lastLength;
    private bool _hasLost;

    internal HomeRange(HomeTier tier, int? stateId, KeyGroupRange keyGroups, Func<Func<Task>, Task> run)
    {
        _tier = tier;
        _stateId = stateId;
        _keyGroups = keyGroups;
        _run = run;
        _view = tier.View;
        _rows = Open();
    }

    /// <summary>The row at hand; valid until the next <see cref="MoveNextAsync"/>.</summary>
    public SegmentRow Current => _rows.Current;

    /// <summary>The <see cref="MountedSegment.SchemaGeneration"/> of the segment that the row at hand comes from.</summary>
    public int SchemaGeneration => _view[_rows.CurrentAge].SchemaGeneration;

    /// <summary>Goes to the next row; false after the last one.</summary>
    /// <exception cref="CheckpointDamagedException">A block is damaged, or its object is gone from the store.</exception>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                while (await _rows.MoveNextAsync(cancellationToken))
                {
                    if (IsNext(_rows.Current))
                    {
                        return true;
                    }
                }

                return false;
            }
            catch (StoredObjectNotFoundException cause)
            {
                await CloseAsync();
                _view = await _tier.ViewAfterAsync(_view, cause, cancellationToken);
                _hasLost = true;
                _rows = Open();
            }
        }
    }

    public ValueTask DisposeAsync() => CloseAsync();

    private SegmentMerge Open()
    {
        var keyGroups = new KeyGroupRange(Math.Max(_keyGroups.First, _lastKeyGroup), _keyGroups.Last);
        var inputs = new MergeInput[_view.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            KeyGroupRange clip = _view[i].KeyGroups.Intersect(keyGroups);
            SegmentReader reader = _view[i].Segment.Reader;
            var feed = new BlockFeed(reader, _stateId is { } stateId ? reader.BlocksOfState(stateId, clip) : reader.ListOf(clip), _run, _view[i].Segment.ReadAsync);
            _feeds.Add(feed);
            inputs[i] = new MergeInput(feed, clip, _stateId);
        }

        return new SegmentMerge(inputs, keepsTombstones: false);
    }

    private async ValueTask CloseAsync()
    {
        _rows.Dispose();
        foreach (BlockFeed feed in _feeds)
        {
            await feed.StopAsync();
        }

        _feeds.Clear();
    }

    /// <summary>Whether a row was not passed in another view already; it is then the last one passed.</summary>
    private bool IsNext(in SegmentRow row)
    {
        Debug.Assert(_stateId is null || row.StateId == _stateId);
        if (_hasLost && _lastKeyGroup >= 0 && row.CompareTo(_lastKeyGroup, _lastStateId, _last.AsSpan(0, _lastKeyLength), _last.AsSpan(_lastKeyLength.._lastLength)) <= 0)
        {
            return false;
        }

        (_lastKeyGroup, _lastStateId, _lastKeyLength, _lastLength) = (row.KeyGroup, row.StateId, row.Key.Length, row.Key.Length + row.SubKey.Length);
        if (_last.Length < _lastLength)
        {
            _last = new byte[2 * _lastLength];
        }

        row.Key.CopyTo(_last);
        row.SubKey.CopyTo(_last.AsSpan(_lastKeyLength));
        return true;
    }
}
