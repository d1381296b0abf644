namespace StreamKit.State;

/// <summary>
/// A segment in the store with its index and filters in memory, and those of its blocks that are in the cache. One for all who mount it; safe for
/// concurrent use. A block that several want is read once.
/// </summary>
internal sealed class HomeSegment
{
    private readonly SegmentReader _reader;
    private readonly BlockCache? _cache;
    private readonly UInt128 _digest;
    private readonly HomeBlock?[] _blocks;
    private readonly Dictionary<int, Task<HomeBlock?>> _reading = [];

    private HomeSegment(SegmentReader reader, BlockCache? cache, UInt128 digest)
    {
        _reader = reader;
        _cache = cache;
        _digest = digest;
        _blocks = new HomeBlock?[reader.Blocks];
    }

    /// <summary>What an error calls it.</summary>
    public string Name => _reader.Name;

    /// <summary>What the whole segment says of itself.</summary>
    public SegmentInfo Info => _reader.Info;

    /// <summary>For reading beside the cache.</summary>
    public SegmentReader Reader => _reader;

    /// <summary>Reads footer, index and filters. The blocks of a segment that is in memory already stay there and take no room in the cache.</summary>
    /// <param name="source">The segment's bytes.</param>
    /// <param name="expectedChecksum">The <see cref="SegmentInfo.Checksum"/> noted elsewhere; null to take the segment at its word.</param>
    /// <param name="cache">Holds its blocks.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async ValueTask<HomeSegment> OpenAsync(SegmentSource source, uint? expectedChecksum, BlockCache cache, CancellationToken cancellationToken)
    {
        SegmentReader reader = await SegmentReader.OpenWithFiltersAsync(source, expectedChecksum, cancellationToken);
        bool isInMemory = source is MemorySegmentSource;
        var segment = new HomeSegment(reader, isInMemory ? null : cache, BlockKey.DigestOf(source.Name, source.Offset, reader.Info));
        for (int i = 0; isInMemory && i < reader.Blocks; i++)
        {
            segment._blocks[i] = await segment.ReadFromBelowAsync(i, cancellationToken);
        }

        return segment;
    }

    /// <inheritdoc cref="SegmentIndex.BlocksOfKey"/>
    public Range BlocksOfKey(int keyGroup, int stateId, ReadOnlySpan<byte> key) => _reader.BlocksOfKey(keyGroup, stateId, key);

    /// <inheritdoc cref="SegmentReader.MayContain"/>
    public bool MayContain(int block, ulong hash) => _reader.MayContain(block, hash);

    /// <summary>A block if it is in memory, else null.</summary>
    public HomeBlock? AtHand(int block)
    {
        HomeBlock? atHand = Volatile.Read(ref _blocks[block]);
        atHand?.Use();
        return atHand;
    }

    /// <summary>A block, from memory or else from the store.</summary>
    public async ValueTask<HomeBlock> ReadAsync(int block, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (AtHand(block) is { } atHand)
            {
                return atHand;
            }

            if (!TryBegin(block, out TaskCompletionSource<HomeBlock?> own, out Task<HomeBlock?> others))
            {
                // Who reads it may fail for reasons of his own: then it is read here.
                if (await others is { } read)
                {
                    return read;
                }

                continue;
            }

            HomeBlock? result = null;
            try
            {
                result = await ReadFromBelowAsync(block, cancellationToken);
                Volatile.Write(ref _blocks[block], result);
                _cache?.Add(result);
                return result;
            }
            finally
            {
                End(block);
                own.SetResult(result);
            }
        }
    }

    /// <summary>Reads blocks that lie side by side, all of them from the disk or else all of them from the store, past those in memory. They are to be verified.</summary>
    public async ValueTask ReadAsync(int first, int last, Memory<byte> into, CancellationToken cancellationToken)
    {
        if (_cache?.Disk is not { } disk)
        {
            await _reader.ReadAsync(_reader.OffsetOf(first), into, cancellationToken);
            return;
        }

        if (TryReadFromDisk(first, last, into.Span))
        {
            return;
        }

        await _reader.ReadAsync(_reader.OffsetOf(first), into, cancellationToken);
        for (int block = first; block <= last; block++)
        {
            disk.Write(new BlockKey(_digest, block), PartOf(into.Span, first, block));
        }
    }

    /// <summary>Lets go of a block. Who looks into it meanwhile keeps it.</summary>
    internal void Drop(HomeBlock block) => Interlocked.CompareExchange(ref _blocks[block.Index], null, block);

    private bool TryBegin(int block, out TaskCompletionSource<HomeBlock?> own, out Task<HomeBlock?> others)
    {
        own = new TaskCompletionSource<HomeBlock?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_reading)
        {
            if (_reading.TryGetValue(block, out Task<HomeBlock?>? reading))
            {
                others = reading;
                return false;
            }

            others = own.Task;
            _reading.Add(block, others);
            return true;
        }
    }

    private void End(int block)
    {
        lock (_reading)
        {
            _reading.Remove(block);
        }
    }

    private async ValueTask<HomeBlock> ReadFromBelowAsync(int block, CancellationToken cancellationToken)
    {
        // Not from the pool, which would hand out twice the size: the cache may keep it, and readers need not give it back.
        byte[] bytes = GC.AllocateUninitializedArray<byte>(_reader.LengthOf(block));
        if (!TryReadFromDisk(block, bytes))
        {
            await _reader.ReadAsync(_reader.OffsetOf(block), bytes, cancellationToken);
            SegmentBlock verified = _reader.BlockIn(bytes, _reader.OffsetOf(block), block);
            _cache?.Disk?.Write(new BlockKey(_digest, block), bytes);
            return new HomeBlock(this, verified, _reader.RowsIn(block), bytes.Length);
        }

        return new HomeBlock(this, _reader.BlockIn(bytes, _reader.OffsetOf(block), block), _reader.RowsIn(block), bytes.Length);
    }

    private bool TryReadFromDisk(int first, int last, Span<byte> into)
    {
        for (int block = first; block <= last; block++)
        {
            if (!TryReadFromDisk(block, PartOf(into, first, block)))
            {
                return false;
            }
        }

        return true;
    }

    private Span<byte> PartOf(Span<byte> blocks, int first, int block) => blocks.Slice((int)(_reader.OffsetOf(block) - _reader.OffsetOf(first)), _reader.LengthOf(block));

    private bool TryReadFromDisk(int block, Span<byte> into)
    {
        var key = new BlockKey(_digest, block);
        if (_cache?.Disk is not { } disk || !disk.TryRead(key, into))
        {
            return false;
        }

        bool isIntact = _reader.IsIntact(block, into);
        if (!isIntact)
        {
            disk.Drop(key);
        }

        return isIntact;
    }
}
