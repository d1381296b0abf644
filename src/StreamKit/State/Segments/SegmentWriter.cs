using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// Writes a segment as a stream: in memory are the block at hand, the index, and ten bits per key. Add rows in order, await
/// <see cref="FlushIfNeededAsync"/> now and then, and end with <see cref="CompleteAsync"/>. Used by one thread at a time.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    // Enough that the reader of the pipe always has work, little enough to hold.
    private const int FlushLength = 4 * SegmentFormat.TargetBlockLength;

    private readonly PipeWriter _output;
    private readonly ulong _keyFingerprint;
    private readonly int _targetBlockLength;
    private readonly PooledBufferWriter _block = new(SegmentFormat.TargetBlockLength + 4096);
    private readonly PooledBufferWriter _index = new();
    private readonly PooledBufferWriter _filters = new();
    private readonly PooledBufferWriter _lastKey = new();
    private readonly RowSample _sample = new();
    private ulong[] _hashes = new ulong[256];
    private int _hashCount;
    private int _blockRows;
    private int _firstKeyLength;
    private int _blocks;
    private int _firstKeyGroup;
    private int _lastKeyGroup;
    private int _lastStateId;
    private int _lastKeyLength;
    private int _lastRowStart;
    private ulong _lastHash;
    private long _rows;
    private long _tombstones;
    private long _unflushed;

    /// <summary>Creates a writer.</summary>
    /// <param name="output">Where the bytes go; stays open at the end, so that segments can follow each other.</param>
    /// <param name="keyFingerprint">How the keys are encoded.</param>
    /// <param name="targetBlockLength">A block ends with the row that reaches this length.</param>
    public SegmentWriter(PipeWriter output, ulong keyFingerprint, int targetBlockLength = SegmentFormat.TargetBlockLength)
    {
        _output = output;
        _keyFingerprint = keyFingerprint;
        _targetBlockLength = targetBlockLength;
    }

    /// <summary>Bytes written so far, the block at hand not included.</summary>
    public long Length { get; private set; }

    /// <summary>Rows added so far.</summary>
    public long Rows => _rows;

    /// <summary>Adds a row. It must come after the last one in the order of <see cref="SegmentRow"/>. The spans are copied.</summary>
    public void Add(int keyGroup, int stateId, ReadOnlySpan<byte> key, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        BeginRow(keyGroup, stateId, key, subKey);
        WriteVarint(_block, value.Length + 1);
        _block.Write(value);
        EndRow(isTombstone: false);
    }

    /// <summary>Adds a row that says that the key is no more; otherwise as <see cref="Add"/>.</summary>
    public void AddTombstone(int keyGroup, int stateId, ReadOnlySpan<byte> key, ReadOnlySpan<byte> subKey)
    {
        BeginRow(keyGroup, stateId, key, subKey);
        WriteVarint(_block, 0);
        _tombstones++;
        EndRow(isTombstone: true);
    }

    /// <summary>Waits for the reader of the pipe when enough is written; call it between rows.</summary>
    /// <exception cref="StreamKitException">The reader takes no more.</exception>
    public ValueTask FlushIfNeededAsync(CancellationToken cancellationToken) =>
        _unflushed < FlushLength ? ValueTask.CompletedTask : FlushAsync(cancellationToken);

    /// <summary>Writes what is left: the last block, filters, index and footer.</summary>
    public async ValueTask<SegmentInfo> CompleteAsync(CancellationToken cancellationToken)
    {
        EndBlock();
        SegmentInfo info = WriteEnd();
        await FlushAsync(cancellationToken);
        return info;
    }

    public void Dispose()
    {
        _block.Dispose();
        _index.Dispose();
        _filters.Dispose();
        _lastKey.Dispose();
    }

    private void BeginRow(int keyGroup, int stateId, ReadOnlySpan<byte> key, ReadOnlySpan<byte> subKey)
    {
        Debug.Assert(keyGroup is >= 0 and < KeyGroups.LargestMaxParallelism && stateId >= 0);
        bool isNewKey = IsNewKey(keyGroup, stateId, key, subKey);
        if (_rows == 0)
        {
            _firstKeyGroup = keyGroup;
        }

        _lastKeyGroup = keyGroup;
        _lastStateId = stateId;
        _lastKeyLength = key.Length;
        _lastKey.Clear();
        _lastKey.Write(key);
        _lastKey.Write(subKey);
        if (isNewKey || _blockRows == 0)
        {
            _lastHash = BlockFilter.Hash(stateId, key);
            AddHash(_lastHash);
        }

        _lastRowStart = _block.WrittenCount;
        WriteVarint(_block, keyGroup);
        WriteVarint(_block, stateId);
        WriteVarint(_block, key.Length);
        _block.Write(key);
        WriteVarint(_block, subKey.Length);
        _block.Write(subKey);
        if (_blockRows == 0)
        {
            _firstKeyLength = _block.WrittenCount;
        }
    }

    /// <summary>Whether the key differs from the last row's; throws when the row does not come after it.</summary>
    private bool IsNewKey(int keyGroup, int stateId, ReadOnlySpan<byte> key, ReadOnlySpan<byte> subKey)
    {
        if (_rows == 0)
        {
            return true;
        }

        int order = keyGroup.CompareTo(_lastKeyGroup);
        order = order == 0 ? stateId.CompareTo(_lastStateId) : order;
        order = order == 0 ? key.SequenceCompareTo(_lastKey.WrittenSpan[.._lastKeyLength]) : order;
        bool isNew = order != 0;
        order = order == 0 ? subKey.SequenceCompareTo(_lastKey.WrittenSpan[_lastKeyLength..]) : order;
        return order > 0
            ? isNew
            : throw new InvalidOperationException(
                $"Row {_rows} (key group {keyGroup}, state {stateId}) does not come after the one before it (key group {_lastKeyGroup}, state {_lastStateId}) in the order of rows.");
    }

    private void AddHash(ulong hash)
    {
        if (_hashCount == _hashes.Length)
        {
            Array.Resize(ref _hashes, _hashes.Length * 2);
        }

        _hashes[_hashCount++] = hash;
    }

    private void EndRow(bool isTombstone)
    {
        if (_lastKey.WrittenCount == _lastKeyLength)
        {
            _sample.Add(_lastHash, _block.WrittenCount - _lastRowStart, isTombstone);
        }

        _rows++;
        _blockRows++;
        if (_block.WrittenCount >= _targetBlockLength)
        {
            EndBlock();
        }
    }

    private void EndBlock()
    {
        if (_blockRows == 0)
        {
            return;
        }

        ReadOnlySpan<byte> block = _block.WrittenSpan;
        int filterLength = BlockFilter.LengthFor(_hashCount);
        Span<byte> filter = _filters.GetSpan(filterLength)[..filterLength];
        filter.Clear();
        BlockFilter.Fill(filter, _hashes.AsSpan(0, _hashCount));
        _filters.Advance(filterLength);

        WriteVarint(_index, block.Length);
        WriteVarint(_index, _blockRows);
        Span<byte> check = stackalloc byte[5];
        check[0] = SegmentFormat.NoCompression;
        BinaryPrimitives.WriteUInt32LittleEndian(check[1..], SegmentFormat.Crc32C(block));
        _index.Write(check);
        WriteVarint(_index, filterLength);
        _index.Write(block[.._firstKeyLength]);

        WriteOut(block);
        _blocks++;
        _block.Clear();
        _blockRows = 0;
        _hashCount = 0;
    }

    private SegmentInfo WriteEnd()
    {
        long filtersOffset = Length;
        WriteOut(_filters.WrittenSpan);
        long indexOffset = Length;
        WriteOut(_index.WrittenSpan);
        var footer = new SegmentFooter
        {
            Length = Length + SegmentFooter.Size,
            Rows = _rows,
            Tombstones = _tombstones,
            KeyGroups = _rows == 0 ? KeyGroupRange.Empty : new KeyGroupRange(_firstKeyGroup, _lastKeyGroup),
            KeyFingerprint = _keyFingerprint,
            FiltersOffset = filtersOffset,
            IndexOffset = indexOffset,
            Blocks = _blocks,
            FiltersChecksum = SegmentFormat.Crc32C(_filters.WrittenSpan),
            IndexChecksum = SegmentFormat.Crc32C(_index.WrittenSpan),
        };
        Span<byte> bytes = stackalloc byte[SegmentFooter.Size];
        uint checksum = footer.Write(bytes);
        WriteOut(bytes);
        return new SegmentInfo
        {
            Length = Length,
            Rows = _rows,
            Tombstones = _tombstones,
            KeyGroups = footer.KeyGroups,
            KeyFingerprint = _keyFingerprint,
            Checksum = checksum,
            Sample = _sample,
        };
    }

    private void WriteOut(ReadOnlySpan<byte> bytes)
    {
        _output.Write(bytes);
        Length += bytes.Length;
        _unflushed += bytes.Length;
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        FlushResult flush = await _output.FlushAsync(cancellationToken);
        _unflushed = 0;
        if (flush.IsCompleted)
        {
            throw new StreamKitException("Whoever stores the segment has stopped reading it; its own failure says why.");
        }
    }

    private static void WriteVarint(PooledBufferWriter output, int value)
    {
        Span<byte> bytes = output.GetSpan(5);
        int length = 0;
        uint rest = (uint)value;
        for (; rest >= 0x80; rest >>= 7)
        {
            bytes[length++] = (byte)(rest | 0x80);
        }

        bytes[length++] = (byte)rest;
        output.Advance(length);
    }
}
