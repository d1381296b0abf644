using System.Buffers;

namespace StreamKit.Serialization;

/// <summary>
/// A growing buffer of rented memory. One owner, one thread. Spans and memory taken from it are valid until the next write, <see cref="Clear"/> or disposal.
/// </summary>
internal sealed class PooledBufferWriter : IBufferWriter<byte>, IDisposable
{
    private const int MinimumFree = 256;

    private byte[] _buffer;
    private int _count;

    public PooledBufferWriter(int initialCapacity = 1024) => _buffer = ArrayPool<byte>.Shared.Rent(initialCapacity);

    /// <summary>The number of bytes written.</summary>
    public int WrittenCount => _count;

    /// <summary>The bytes written.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, _count);

    /// <summary>The bytes written.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _count);

    /// <summary>Where the next byte goes. Set it back to drop what was written after; it cannot be set forward.</summary>
    public int Position
    {
        get => _count;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, _count);
            _count = value;
        }
    }

    /// <summary>Drops everything written and keeps the memory.</summary>
    public void Clear() => _count = 0;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _count);
        _count += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_count);
    }

    /// <summary>Appends bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_count));
        _count += bytes.Length;
    }

    /// <summary>Gives the memory back. A second call does nothing; writing afterwards rents anew.</summary>
    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        _count = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Reserve(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        if (_buffer.Length - _count >= Math.Max(size, 1))
            return;

        var needed = (long)_count + Math.Max(size, MinimumFree);
        if (needed > Array.MaxLength)
            throw new StreamSerializationException($"A buffer of {_count} bytes cannot take {size} more: {Array.MaxLength} bytes is the limit. Keep smaller values.");

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(needed, 2L * _buffer.Length), Array.MaxLength));
        _buffer.AsSpan(0, _count).CopyTo(larger);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);

        _buffer = larger;
    }
}
