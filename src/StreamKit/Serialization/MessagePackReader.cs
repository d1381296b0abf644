namespace StreamKit;

/// <summary>Reads MessagePack from contiguous bytes.</summary>
public ref struct MessagePackReader
{
    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>Creates a reader.</summary>
    /// <param name="bytes">The bytes to read.</param>
    public MessagePackReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>The number of bytes not read yet.</summary>
    public readonly int Remaining => _bytes.Length;
}
