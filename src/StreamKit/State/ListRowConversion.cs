using System.Buffers.Binary;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>The chunks of the records of a window, as <see cref="ListCodec{T}"/> writes them: an array of items, the first one behind the count of all.</summary>
internal sealed class ListRowConversion(ValueConversion items) : RowConversion
{
    public override void Convert(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value, PooledBufferWriter output)
    {
        var reader = new MessagePackReader(value);
        var writer = new MessagePackWriter(output);
        if (BinaryPrimitives.ReadInt32BigEndian(subKey) == 0)
        {
            writer.WriteArrayHeader(reader.ReadArrayHeader());
            writer.WriteRaw(reader.ReadRaw());
        }

        items.Convert(ref reader, ref writer);
        writer.Flush();
    }
}
