using System.Buffers;
using System.IO.Pipelines;

namespace StreamKit.State;

/// <summary>
/// Reads a segment: footer and index at once, blocks on demand. Whatever is read is verified first; a flipped, missing or added byte
/// gives a <see cref="CheckpointDamagedException"/>.
/// </summary>
internal sealed class SegmentReader
{
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

    public int Blocks => _index.Count;

    /// <summary>Reads footer and index.</summary>
    /// <param name="source">The segment's bytes.</param>
    /// <param name="expectedChecksum">The <see cref="SegmentInfo.Checksum"/> noted elsewhere; null to take the segment at its word.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async ValueTask<SegmentReader> OpenAsync(SegmentSource source, uint? expectedChecksum, CancellationToken cancellationToken)
    {
        if (source.Length < SegmentFooter.Size)
        {
            throw new CheckpointDamagedException(source.Name, "footer", $"it has {source.Length} bytes, a segment has at least {SegmentFooter.Size}");
        }

        byte[] end = new byte[SegmentFooter.Size];
        await source.ReadAsync(source.Length - end.Length, end, cancellationToken);
        SegmentFooter footer = SegmentFooter.Read(source.Name, source.Length, end, out uint checksum);
        if (expectedChecksum is { } expected && expected != checksum)
        {
            throw new CheckpointDamagedException(source.Name, "footer", $"it is another segment: its checksum is {checksum:x8}, the checkpoint names {expected:x8}");
        }

        byte[] index = new byte[source.Length - SegmentFooter.Size - footer.IndexOffset];
        await source.ReadAsync(footer.IndexOffset, index, cancellationToken);
        return new SegmentReader(source, footer, SegmentIndex.Read(source.Name, footer, index), checksum);
    }

    /// <summary>The blocks that can hold rows of a range of key groups; the first and last may hold others too.</summary>
    public Range BlocksOf(KeyGroupRange range) => _index.BlocksOf(range);

    /// <summary>Reads and verifies a block; the caller disposes it.</summary>
    public async ValueTask<SegmentBlock> ReadBlockAsync(int block, CancellationToken cancellationToken)
    {
        SegmentIndex.Entry entry = _index[block];
        byte[] buffer = ArrayPool<byte>.Shared.Rent(entry.Length);
        try
        {
            await _source.ReadAsync(entry.Offset, buffer.AsMemory(0, entry.Length), cancellationToken);
            uint found = SegmentFormat.Crc32C(buffer.AsSpan(0, entry.Length));
            if (found != entry.Checksum)
            {
                throw new CheckpointDamagedException(_source.Name, $"block {block}", $"its checksum is {found:x8}, expected {entry.Checksum:x8}");
            }

            return new SegmentBlock(_source.Name, block, buffer, entry.Length);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>Reads the filters, which <see cref="BlockOf"/> needs to say no. Once is enough.</summary>
    public async ValueTask LoadFiltersAsync(CancellationToken cancellationToken)
    {
        byte[] filters = new byte[_footer.IndexOffset - _footer.FiltersOffset];
        await _source.ReadAsync(_footer.FiltersOffset, filters, cancellationToken);
        uint found = SegmentFormat.Crc32C(filters);
        if (found != _footer.FiltersChecksum)
        {
            throw new CheckpointDamagedException(_source.Name, "filters", $"their checksum is {found:x8}, expected {_footer.FiltersChecksum:x8}");
        }

        _filters = filters;
    }

    /// <summary>Reads the whole segment, verifies every byte of it, and passes it on as it is.</summary>
    /// <param name="output">Where the bytes go, and who stays open; null to verify only.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="CheckpointDamagedException">A part is not what was written. What was passed on by then is good.</exception>
    public async ValueTask CopyToAsync(PipeWriter? output, CancellationToken cancellationToken)
    {
        for (int block = 0; block < _index.Count; block++)
        {
            SegmentIndex.Entry entry = _index[block];
            await CopyPartAsync($"block {block}", entry.Offset, entry.Length, entry.Checksum, output, cancellationToken);
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
        if (block < 0 || _filters is null)
        {
            return block;
        }

        SegmentIndex.Entry entry = _index[block];
        ReadOnlySpan<byte> filter = _filters.AsSpan((int)entry.FilterOffset, entry.FilterLength);
        return BlockFilter.MayContain(filter, BlockFilter.Hash(stateId, key)) ? block : -1;
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
