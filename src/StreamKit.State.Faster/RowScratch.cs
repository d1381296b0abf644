using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FASTER.core;

namespace StreamKit.State.Faster;

/// <summary>Where one row's stored key and value are put together, in memory that does not move while FASTER copies them.</summary>
internal sealed unsafe class RowScratch(int maximumKey, int part)
{
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(maximumKey + RowLayout.ChunkSuffixBytes + 1 + part, pinned: true);
    private int _keyLength;

    public SpanByte Key => Pinned(_bytes.AsSpan(0, _keyLength));

    /// <summary>The value as it was last asked for, to be written to.</summary>
    public SpanByte Value { get; private set; }

    public void SetRowKey(ReadOnlySpan<byte> key)
    {
        key.CopyTo(_bytes);
        _bytes[key.Length] = RowLayout.RowKey;
        _keyLength = key.Length + 1;
    }

    public void SetChunkKey(ReadOnlySpan<byte> key, long generation, int chunk)
    {
        key.CopyTo(_bytes);
        _keyLength = key.Length + RowLayout.ChunkSuffixBytes;
        RowLayout.WriteChunkSuffix(_bytes.AsSpan(key.Length, RowLayout.ChunkSuffixBytes), generation, chunk);
    }

    /// <summary>Room for a value, behind the key that was set.</summary>
    public Span<byte> SetValue(int length)
    {
        var value = _bytes.AsSpan(_keyLength, length);
        Value = Pinned(value);
        return value;
    }

    private static SpanByte Pinned(Span<byte> bytes) =>
        SpanByte.FromPointer((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes)), bytes.Length);
}
