using System.Buffers;

namespace StreamKit;

/// <summary>Writes MessagePack into a buffer.</summary>
public ref struct MessagePackWriter
{
    private readonly IBufferWriter<byte> _output;

    /// <summary>Creates a writer.</summary>
    /// <param name="output">Where the bytes go; the caller owns it.</param>
    public MessagePackWriter(IBufferWriter<byte> output) => _output = output;

    /// <summary>Hands everything written so far to the buffer.</summary>
    public readonly void Flush() => _ = _output;
}
