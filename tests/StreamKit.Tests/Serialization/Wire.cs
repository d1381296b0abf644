using StreamKit.Serialization;

namespace StreamKit.Tests.Serialization;

/// <summary>Values to bytes and back, the way the engine does it.</summary>
internal static class Wire
{
    public delegate void Writing(ref MessagePackWriter writer);

    public static byte[] Write(Writing write)
    {
        using var buffer = new PooledBufferWriter(16);
        var writer = new MessagePackWriter(buffer);
        write(ref writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static string Hex(Writing write) => Convert.ToHexStringLower(Write(write));

    public static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
