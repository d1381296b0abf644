namespace StreamKit.State;

/// <summary>Reads blocks that lie side by side, unverified.</summary>
/// <param name="first">The first block.</param>
/// <param name="last">The last block.</param>
/// <param name="into">Receives them.</param>
/// <param name="cancellationToken">Stops the reading.</param>
internal delegate ValueTask BlockRead(int first, int last, Memory<byte> into, CancellationToken cancellationToken);

/// <summary>
/// Reads blocks of a segment in order. Those that lie side by side come with one request per megabyte, since stores charge and wait per
/// request; given something to run on, the next requests are under way while the last block is used. One caller at a time.
/// </summary>
internal sealed class BlockFeed
{
    /// <summary>What a feed holds that reads nothing ahead.</summary>
    public const int RequestLength = 1024 * 1024;

    // Hides the wait for each request behind the transfer of the others; more would only take memory.
    private const int RequestsAhead = 3;

    private readonly SegmentReader _segment;
    private readonly IReadOnlyList<int> _blocks;
    private readonly Func<Func<Task>, Task>? _run;
    private readonly BlockRead _read;
    private readonly Queue<Request> _ahead = [];
    private readonly Stack<byte[]> _free = [];
    private Request? _current;
    private int _nextRequest;
    private int _nextBlock;

    /// <summary>Creates a feed.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="blocks">The blocks to read, in order.</param>
    /// <param name="run">Runs requests beside the caller; null to make them when they are needed.</param>
    /// <param name="read">Reads blocks that lie side by side; null to read them from the segment's source.</param>
    public BlockFeed(SegmentReader segment, IReadOnlyList<int> blocks, Func<Func<Task>, Task>? run, BlockRead? read = null)
    {
        _read = read ?? ((first, _, into, cancellationToken) => segment.ReadAsync(segment.OffsetOf(first), into, cancellationToken));
        _segment = segment;
        _blocks = blocks;
        _run = run;
    }

    /// <summary>Reads and verifies the next block; null after the last. The one before must have been disposed of.</summary>
    public async ValueTask<SegmentBlock?> NextAsync(CancellationToken cancellationToken)
    {
        if (_nextBlock == _blocks.Count)
        {
            return null;
        }

        if (_current is null || _nextBlock == _current.End)
        {
            await NextRequestAsync(cancellationToken);
        }

        int block = _blocks[_nextBlock++];
        return _segment.BlockIn(_current!.Buffer, _current.Offset, block);
    }

    /// <summary>Returns when no request is under way any more. Nothing may be read then.</summary>
    public async ValueTask StopAsync()
    {
        _nextRequest = _blocks.Count;
        foreach (Request request in _ahead)
        {
            try
            {
                await request.Reading;
            }
            catch (Exception)
            {
                // Nobody wants the blocks any more, so nobody wants to know why they did not come.
            }
        }

        _ahead.Clear();
    }

    private async ValueTask NextRequestAsync(CancellationToken cancellationToken)
    {
        if (_current is { } done)
        {
            _current = null;
            _free.Push(done.Buffer);
        }

        while (_nextRequest < _blocks.Count && _ahead.Count <= (_run is null ? 0 : RequestsAhead))
        {
            _ahead.Enqueue(Begin(cancellationToken));
        }

        Request next = _ahead.Dequeue();
        await next.Reading;
        _current = next;
    }

    /// <summary>Asks for the next blocks that lie side by side.</summary>
    private Request Begin(CancellationToken cancellationToken)
    {
        int first = _blocks[_nextRequest];
        int end = _nextRequest + 1;
        long length = _segment.LengthOf(first);
        while (end < _blocks.Count && _blocks[end] == _blocks[end - 1] + 1 && length + _segment.LengthOf(_blocks[end]) <= RequestLength)
        {
            length += _segment.LengthOf(_blocks[end++]);
        }

        _nextRequest = end;
        byte[] buffer = _free.TryPop(out byte[]? free) && free.Length >= length ? free : new byte[Math.Max(length, Math.Min(RequestLength, _segment.Info.Length))];
        var request = new Request { Buffer = buffer, Offset = _segment.OffsetOf(first), End = end };
        Memory<byte> into = buffer.AsMemory(0, (int)length);
        int last = _blocks[end - 1];
        request.Reading = _run is { } run
            ? run(() => _read(first, last, into, cancellationToken).AsTask())
            : _read(first, last, into, cancellationToken).AsTask();
        return request;
    }

    private sealed class Request
    {
        public required byte[] Buffer { get; init; }

        /// <summary>Where the buffer begins in the segment.</summary>
        public required long Offset { get; init; }

        /// <summary>The place in the feed of the first block behind it.</summary>
        public required int End { get; init; }

        public Task Reading { get; set; } = Task.CompletedTask;
    }
}
