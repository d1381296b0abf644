namespace StreamKit.State;

/// <summary>
/// The blocks of segments that are in memory, up to a number of bytes. When there is no room, a clock goes round and drops blocks that nobody has
/// looked into since it last came by. Shared by all subtasks of an attempt; safe for concurrent use. Finding a block takes no lock: each
/// <see cref="HomeSegment"/> has places for its own.
/// </summary>
/// <param name="capacity">In bytes. A block that is larger alone has its place until the next one comes.</param>
/// <param name="disk">Where blocks are looked for before the store is asked; null for none. Not disposed of.</param>
internal sealed class BlockCache(long capacity, DiskBlockCache? disk = null)
{
    private readonly Lock _lock = new();
    private readonly List<HomeBlock> _blocks = [];
    private long _size;
    private int _hand;

    /// <summary>The cache behind this one.</summary>
    public DiskBlockCache? Disk => disk;

    /// <summary>The bytes in memory.</summary>
    public long Size
    {
        get
        {
            lock (_lock)
            {
                return _size;
            }
        }
    }

    /// <summary>Takes a block in that was just read and has its place in its segment.</summary>
    public void Add(HomeBlock block)
    {
        lock (_lock)
        {
            _size += block.Size;
            while (_size > capacity && _blocks.Count > 0)
            {
                DropOne();
            }

            _blocks.Add(block);
        }
    }

    private void DropOne()
    {
        while (true)
        {
            _hand = _hand < _blocks.Count ? _hand : 0;
            HomeBlock block = _blocks[_hand];
            if (!block.TakeUse())
            {
                _blocks[_hand] = _blocks[^1];
                _blocks.RemoveAt(_blocks.Count - 1);
                _size -= block.Size;
                block.Segment.Drop(block);
                return;
            }

            _hand++;
        }
    }
}
