namespace StreamKit.State;

/// <summary>
/// The blocks that a batch needs and that are not in memory, each once, with what it is needed for. Gathered by one thread, then grouped, then taken
/// by those that read them. Part of a <see cref="HomeReadBatch"/>.
/// </summary>
internal sealed class MissingBlocks
{
    private Want[] _wants = new Want[64];
    private int[] _groups = new int[65];
    private int _count;
    private int _next;

    /// <summary>The number of different blocks; after <see cref="Group"/>.</summary>
    public int Groups { get; private set; }

    public bool IsEmpty => _count == 0;

    public void Clear() => (_count, Groups, _next) = (0, 0, 0);

    /// <summary>Notes that a state of a key needs a block.</summary>
    public void Add(int segment, int block, int key, int stateId)
    {
        if (_count == _wants.Length)
        {
            Array.Resize(ref _wants, 2 * _count);
        }

        _wants[_count++] = new Want(segment, block, key, stateId);
    }

    /// <summary>Brings what needs the same block together.</summary>
    public void Group()
    {
        MemoryExtensions.Sort(_wants.AsSpan(0, _count), WantOrder.Instance);
        if (_groups.Length <= _count)
        {
            _groups = new int[_wants.Length + 1];
        }

        (Groups, _next) = (0, 0);
        for (int i = 0; i < _count; i++)
        {
            if (i == 0 || _wants[i].Segment != _wants[i - 1].Segment || _wants[i].Block != _wants[i - 1].Block)
            {
                _groups[Groups++] = i;
            }
        }

        _groups[Groups] = _count;
    }

    /// <summary>Takes the next block to be read; false when all are taken. From any thread.</summary>
    /// <param name="wants">What the block is needed for; all name it.</param>
    public bool TryTake(out ReadOnlyMemory<Want> wants)
    {
        int group = Interlocked.Increment(ref _next) - 1;
        bool isTaken = group < Groups;
        wants = isTaken ? _wants.AsMemory(_groups[group].._groups[group + 1]) : default;
        return isTaken;
    }

    /// <summary>Lets nobody take any more.</summary>
    public void GiveUp() => Interlocked.Exchange(ref _next, int.MaxValue / 2);

    /// <summary>A block of a segment, and the key and state that need it.</summary>
    public readonly record struct Want(int Segment, int Block, int Key, int StateId);

    private sealed class WantOrder : IComparer<Want>
    {
        public static readonly WantOrder Instance = new();

        public int Compare(Want x, Want y) => x.Segment == y.Segment ? x.Block.CompareTo(y.Block) : x.Segment.CompareTo(y.Segment);
    }
}
