using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>The rows of a map: of a small one its entries, of a large one an array of two, how deep the bucket is and its entries.</summary>
internal sealed class MapRowConversion(ValueConversion entries) : RowConversion
{
    public override void Convert(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value, PooledBufferWriter output)
    {
        var reader = new MessagePackReader(value);
        var writer = new MessagePackWriter(output);
        if (!subKey.IsEmpty)
        {
            writer.WriteArrayHeader(reader.ReadArrayHeader());
            writer.WriteRaw(reader.ReadRaw());
        }

        entries.Convert(ref reader, ref writer);
        writer.Flush();
    }
}
