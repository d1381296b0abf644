using System.Buffers;
using StreamKit.Serialization;
using StreamKit.Tests.State;

namespace StreamKit.Tests.TestSupport;

internal static class Serializers
{
    public static SerializerRegistry Create()
    {
        var registry = new SerializerRegistry();
        registry.Register(new LongSerializer(), new LongKeys());
        return registry;
    }

    private sealed class LongKeys : KeySerializer<long>
    {
        public override TypeSchema Schema => throw new NotSupportedException();

        public override void Write(IBufferWriter<byte> output, long key)
        {
            var writer = new MessagePackWriter(output);
            writer.Write(key);
            writer.Flush();
        }

        public override long Read(ReadOnlySpan<byte> canonical)
        {
            var reader = new MessagePackReader(canonical);
            return reader.ReadInt64();
        }

        public override ulong Hash(long key) => (ulong)key * 0x9E37_79B9_7F4A_7C15;

        public override bool Equals(long left, long right) => left == right;
    }
}
