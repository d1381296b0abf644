using System.Buffers.Binary;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Tests.State;

/// <summary>Keys for tests of what lies below the serializers: eight bytes, big-endian.</summary>
internal sealed class TestKeys : KeyCodec<long>
{
    public static KeyedState<long> NewState(int maxParallelism = 128) =>
        new(new KeyGroupRange(0, maxParallelism - 1), maxParallelism, new TestKeys());

    public override ulong Hash(long key) => (ulong)key * 0x9E37_79B9_7F4A_7C15;

    public override void Write(long key, PooledBufferWriter output)
    {
        BinaryPrimitives.WriteInt64BigEndian(output.GetSpan(8), key);
        output.Advance(8);
    }

    public override long Read(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64BigEndian(bytes);
}
