using System.Buffers;
using System.Buffers.Binary;
using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Tests.State;

/// <summary>Keys for tests of what lies below the serializers: eight bytes, big-endian.</summary>
internal sealed class TestKeys : KeySerializer<long>
{
    public override TypeSchema Schema => TypeSchema.Scalar("int64");

    public static KeyedState<long> NewState(int maxParallelism = 128) =>
        new(new KeyGroupRange(0, maxParallelism - 1), maxParallelism, new TestKeys());

    public override ulong Hash(long key) => (ulong)key * 0x9E37_79B9_7F4A_7C15;

    public override void Write(IBufferWriter<byte> output, long key)
    {
        BinaryPrimitives.WriteInt64BigEndian(output.GetSpan(8), key);
        output.Advance(8);
    }

    public override long Read(ReadOnlySpan<byte> canonical) => BinaryPrimitives.ReadInt64BigEndian(canonical);

    public override bool Equals(long left, long right) => left == right;
}
