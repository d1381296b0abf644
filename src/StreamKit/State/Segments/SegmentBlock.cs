using System.Buffers;

namespace StreamKit.State;

/// <summary>A block of a segment, read and verified. Its rows lie in its bytes; disposing it gives these back.</summary>
/// <param name="segment">What an error calls the segment.</param>
/// <param name="index">The number of the block in its segment.</param>
/// <param name="buffer">Holds the bytes.</param>
/// <param name="start">Where they begin.</param>
/// <param name="length">How many they are.</param>
/// <param name="isRented">Whether the buffer is the block's own, from the pool.</param>
internal sealed class SegmentBlock(string segment, int index, byte[] buffer, int start, int length, bool isRented) : IDisposable
{
    private byte[]? _buffer = buffer;

    /// <summary>The number of the block in its segment.</summary>
    public int Index => index;

    /// <summary>Its bytes as they are stored.</summary>
    public ReadOnlyMemory<byte> Content => (_buffer ?? throw new ObjectDisposedException(nameof(SegmentBlock))).AsMemory(start, length);

    private ReadOnlySpan<byte> Bytes => (_buffer ?? throw new ObjectDisposedException(nameof(SegmentBlock))).AsSpan(start, length);

    /// <summary>The rows of the block whose key groups are in a range, in order.</summary>
    public RowEnumerator Rows(KeyGroupRange range) => new(this, range);

    /// <summary>Looks for one row.</summary>
    public bool TryFind(int keyGroup, int stateId, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> subKey, out SegmentRow row)
    {
        int position = 0;
        while (TryRead(ref position, out row))
        {
            int order = row.CompareTo(keyGroup, stateId, key, subKey);
            if (order >= 0)
            {
                return order == 0;
            }
        }

        return false;
    }

    /// <summary>Reads the row at a position and steps behind it; false at the end of the block.</summary>
    public bool TryRead(scoped ref int position, out SegmentRow row)
    {
        ReadOnlySpan<byte> bytes = Bytes;
        row = default;
        if (position >= bytes.Length)
        {
            return false;
        }

        if (!SegmentFormat.TryReadVarint(bytes, ref position, out int keyGroup)
            || !SegmentFormat.TryReadVarint(bytes, ref position, out int stateId)
            || !SegmentFormat.TryReadSpan(bytes, ref position, out int keyStart, out int keyLength)
            || !SegmentFormat.TryReadSpan(bytes, ref position, out int subKeyStart, out int subKeyLength)
            || !SegmentFormat.TryReadVarint(bytes, ref position, out int valueLength)
            || valueLength - 1 > bytes.Length - position)
        {
            throw new CheckpointDamagedException(segment, $"block {index}", $"there is no row at {position}");
        }

        bool isTombstone = valueLength == 0;
        valueLength = isTombstone ? 0 : valueLength - 1;
        row = new SegmentRow
        {
            KeyGroup = keyGroup,
            StateId = stateId,
            Key = bytes.Slice(keyStart, keyLength),
            SubKey = bytes.Slice(subKeyStart, subKeyLength),
            Value = bytes.Slice(position, valueLength),
            IsTombstone = isTombstone,
        };
        position += valueLength;
        return true;
    }

    public void Dispose()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            if (isRented)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Goes through the rows of a block without copying them.</summary>
    public ref struct RowEnumerator(SegmentBlock block, KeyGroupRange range)
    {
        private int _position;
        private SegmentRow _current;

        public readonly SegmentRow Current => _current;

        public readonly RowEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            while (block.TryRead(ref _position, out _current))
            {
                if (_current.KeyGroup > range.Last)
                {
                    return false;
                }

                if (_current.KeyGroup >= range.First)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
