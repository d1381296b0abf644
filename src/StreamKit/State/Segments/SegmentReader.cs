using System.Buffers;
using System.IO.Pipelines;

namespace StreamKit.State;

/// <summary>
/// Reads a segment: footer and index at once, blocks on demand. Whatever is read is verified first; a flipped, missing or added byte
/// gives a <see cref="CheckpointDamagedException"/>.
/// </summary>
internal sealed class SegmentReader
{
    /// <summary>Enough for all but the blocks of a segment of some megabytes, little enough to be read with a footer.</summary>
    private const int TailLength = 64 * 1024;

    private readonly SegmentSource _source;
    private readonly SegmentFooter _footer;
    private readonly SegmentIndex _index;
    private byte[]? _filters;

    private SegmentReader(SegmentSource source, SegmentFooter footer, SegmentIndex index, uint checksum)
    {
        _source = source;
        _footer = footer;
        _index = index;
        Info = new SegmentInfo
        {
            Length = footer.Length,
            Rows = footer.Rows,
            Tombstones = footer.Tombstones,
            KeyGroups = footer.KeyGroups,
            KeyFingerprint = footer.KeyFingerprint,
            Checksum = checksum,
        };
    }

    public SegmentInfo Info { get; }

    /// <summary>What an error calls it.</summary>
    public string Name => _source.Name;

    public int Blocks => _index.Count;

    /// <summary>Reads footer and index.</summary>
    /// <param name="source">The segment's bytes.</param>
    /// <param name="expectedChecksum">The <see cref="SegmentInfo.Checksum"/> noted elsewhere; null to take the segment at its word.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static ValueTask<SegmentReader> OpenAsync(SegmentSource source, uint? expectedChecksum, CancellationToken cancellationToken) =>
        OpenAsync(source, expectedChecksum, withFilters: false, cancellationToken);

    /// <summary>Reads footer, index and filters, with one request where they are small, else with two.</summary>
    /// <inheritdoc cref="OpenAsync(SegmentSource, uint?, CancellationToken)"/>
    public static ValueTask<SegmentReader> OpenWithFiltersAsync(SegmentSource source, uint? expectedChecksum, CancellationToken cancellationToken) =>
        OpenAsync(source, expectedChecksum, withFilters: true, cancellationToken);

    /// <summary>The blocks that can hold rows of a range of key groups; the first and last may hold others too.</summary>
    public Range BlocksOf(KeyGroupRange range) => _index.BlocksOf(range);

    /// <inheritdoc cref="SegmentIndex.BlocksOfKey"/>
    public Range BlocksOfKey(int keyGroup, int stateId, ReadOnlySpan<byte> key) => _index.BlocksOfKey(keyGroup, stateId, key);

    /// <inheritdoc cref="SegmentIndex.BlocksOfState"/>
    public List<int> BlocksOfState(int stateId, KeyGroupRange range) => _index.BlocksOfState(stateId, range.Intersect(Info.KeyGroups));

    /// <summary>As <see cref="BlocksOf"/>, one by one.</summary>
    public IReadOnlyList<int> ListOf(KeyGroupRange range)
    {
        (int first, int count) = BlocksOf(range).GetOffsetAndLength(Blocks);
        return [.. Enumerable.Range(first, count)];
    }

    /// <summary>Where a block begins in the segment.</summary>
    public long OffsetOf(int block) => _index[block].Offset;

    public int LengthOf(int block) => _index[block].Length;

    /// <summary>The number of rows in a block.</summary>
    public int RowsIn(int block) => _index[block].Rows;

    /// <summary>Fills <paramref name="into"/> with the segment's bytes from an offset on, which are to be verified block by block.</summary>
    public ValueTask ReadAsync(long offset, Memory<byte> into, CancellationToken cancellationToken) => _source.ReadAsync(offset, into, cancellationToken);

    /// <summary>Reads and verifies a block; the caller disposes it.</summary>
    public async ValueTask<SegmentBlock> ReadBlockAsync(int block, CancellationToken cancellationToken)
    {
        int length = LengthOf(block);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await _source.ReadAsync(OffsetOf(block), buffer.AsMemory(0, length), cancellationToken);
            Verify(block, buffer.AsSpan(0, length));
            return new SegmentBlock(_source.Name, block, buffer, 0, length, isRented: true);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>Verifies a block that was read together with others; it is valid as long as nobody changes the buffer.</summary>
    /// <param name="buffer">Bytes of the segment.</param>
    /// <param name="offset">Where in the segment they begin.</param>
    /// <param name="block">The block.</param>
    public SegmentBlock BlockIn(byte[] buffer, long offset, int block)
    {
        int start = (int)(OffsetOf(block) - offset);
        Verify(block, buffer.AsSpan(start, LengthOf(block)));
        return new SegmentBlock(_source.Name, block, buffer, start, LengthOf(block), isRented: false);
    }

    /// <summary>Whether bytes from elsewhere are those of a block.</summary>
    public bool IsIntact(int block, ReadOnlySpan<byte> bytes) => SegmentFormat.Crc32C(bytes) == _index[block].Checksum;

    /// <summary>Reads the filters, which <see cref="BlockOf"/> needs to say no. Once is enough.</summary>
    public async ValueTask LoadFiltersAsync(CancellationToken cancellationToken)
    {
        byte[] filters = new byte[_footer.IndexOffset - _footer.FiltersOffset];
        await _source.ReadAsync(_footer.FiltersOffset, filters, cancellationToken);
        TakeFilters(filters);
    }

    /// <summary>False when the key of a <see cref="BlockFilter.Hash(int, ReadOnlySpan{byte})"/> certainly has no row in a block.</summary>
    public bool MayContain(int block, ulong hash)
    {
        if (_filters is null)
        {
            return true;
        }

        ref readonly SegmentIndex.Entry entry = ref _index[block];
        return BlockFilter.MayContain(_filters.AsSpan((int)entry.FilterOffset, entry.FilterLength), hash);
    }

    /// <summary>Reads the whole segment, verifies every byte of it, and passes it on as it is.</summary>
    /// <param name="output">Where the bytes go, and who stays open; null to verify only.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="CheckpointDamagedException">A part is not what was written. What was passed on by then is good.</exception>
    public async ValueTask CopyToAsync(PipeWriter? output, CancellationToken cancellationToken)
    {
        var blocks = new BlockFeed(this, [.. Enumerable.Range(0, _index.Count)], run: null);
        while (await blocks.NextAsync(cancellationToken) is { } block)
        {
            using (block)
            {
                await PassOnAsync(block.Content, output, cancellationToken);
            }
        }

        await CopyPartAsync("filters", _footer.FiltersOffset, (int)(_footer.IndexOffset - _footer.FiltersOffset), _footer.FiltersChecksum, output, cancellationToken);
        await CopyPartAsync("index", _footer.IndexOffset, (int)(_footer.Length - SegmentFooter.Size - _footer.IndexOffset), _footer.IndexChecksum, output, cancellationToken);
        // The footer's checksum stands at its end; that of the bytes before it is its own.
        byte[] footer = new byte[SegmentFooter.Size];
        await _source.ReadAsync(_footer.Length - footer.Length, footer, cancellationToken);
        SegmentFooter.Read(_source.Name, _footer.Length, footer, out uint checksum);
        if (checksum != Info.Checksum)
        {
            throw new CheckpointDamagedException(_source.Name, "footer", $"it has changed while it was read: its checksum is {checksum:x8}, and was {Info.Checksum:x8}");
        }

        await PassOnAsync(footer, output, cancellationToken);
    }

    /// <summary>The only block in which a row can be; -1 when it is certainly in none.</summary>
    public int BlockOf(int keyGroup, int stateId, ReadOnlySpan<byte> key, ReadOnlySpan<byte> subKey)
    {
        int block = _index.BlockOf(keyGroup, stateId, key, subKey);
        return block >= 0 && MayContain(block, BlockFilter.Hash(stateId, key)) ? block : -1;
    }

    private static async ValueTask<SegmentReader> OpenAsync(SegmentSource source, uint? expectedChecksum, bool withFilters, CancellationToken cancellationToken)
    {
        if (source.Length < SegmentFooter.Size)
        {
            throw new CheckpointDamagedException(source.Name, "footer", $"it has {source.Length} bytes, a segment has at least {SegmentFooter.Size}");
        }

        byte[] tail = new byte[Math.Min(source.Length, TailLength)];
        await source.ReadAsync(source.Length - tail.Length, tail, cancellationToken);
        SegmentFooter footer = SegmentFooter.Read(source.Name, source.Length, tail.AsSpan(tail.Length - SegmentFooter.Size), out uint checksum);
        if (expectedChecksum is { } expected && expected != checksum)
        {
            throw new CheckpointDamagedException(source.Name, "footer", $"it is another segment: its checksum is {checksum:x8}, the checkpoint names {expected:x8}");
        }

        byte[] parts = await ReadPartsAsync(source, withFilters ? footer.FiltersOffset : footer.IndexOffset, tail, cancellationToken);
        int indexLength = (int)(source.Length - SegmentFooter.Size - footer.IndexOffset);
        var reader = new SegmentReader(source, footer, SegmentIndex.Read(source.Name, footer, parts[^indexLength..]), checksum);
        if (withFilters)
        {
            reader.TakeFilters(parts[..^indexLength]);
        }

        return reader;
    }

    /// <summary>The bytes from an offset up to the footer, of which the tail has the last.</summary>
    private static async ValueTask<byte[]> ReadPartsAsync(SegmentSource source, long offset, byte[] tail, CancellationToken cancellationToken)
    {
        long end = source.Length - SegmentFooter.Size;
        byte[] parts = new byte[end - offset];
        int known = Math.Min(parts.Length, tail.Length - SegmentFooter.Size);
        tail.AsSpan(tail.Length - SegmentFooter.Size - known, known).CopyTo(parts.AsSpan(parts.Length - known));
        if (known < parts.Length)
        {
            await source.ReadAsync(offset, parts.AsMemory(0, parts.Length - known), cancellationToken);
        }

        return parts;
    }

    private void TakeFilters(byte[] filters)
    {
        uint found = SegmentFormat.Crc32C(filters);
        if (found != _footer.FiltersChecksum)
        {
            throw new CheckpointDamagedException(_source.Name, "filters", $"their checksum is {found:x8}, expected {_footer.FiltersChecksum:x8}");
        }

        _filters = filters;
    }

    private void Verify(int block, ReadOnlySpan<byte> bytes)
    {
        uint found = SegmentFormat.Crc32C(bytes);
        uint expected = _index[block].Checksum;
        if (found != expected)
        {
            throw new CheckpointDamagedException(_source.Name, $"block {block}", $"its checksum is {found:x8}, expected {expected:x8}");
        }
    }

    private async ValueTask CopyPartAsync(string part, long offset, int length, uint checksum, PipeWriter? output, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await _source.ReadAsync(offset, buffer.AsMemory(0, length), cancellationToken);
            uint found = SegmentFormat.Crc32C(buffer.AsSpan(0, length));
            if (found != checksum)
            {
                throw new CheckpointDamagedException(_source.Name, part, $"its checksum is {found:x8}, expected {checksum:x8}");
            }

            await PassOnAsync(buffer.AsMemory(0, length), output, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask PassOnAsync(ReadOnlyMemory<byte> bytes, PipeWriter? output, CancellationToken cancellationToken)
    {
        if (output is not null && (await output.WriteAsync(bytes, cancellationToken)).IsCompleted)
        {
            throw new StreamKitException("Whoever stores the segment has stopped reading it; its own failure says why.");
        }
    }
}
