using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>A <see cref="TimedRow"/>: when the value expires stays as it is.</summary>
internal sealed class TimedRowConversion(ValueConversion conversion) : RowConversion
{
    public override void Convert(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value, PooledBufferWriter output)
    {
        var reader = new MessagePackReader(value);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(reader.ReadArrayHeader());
        writer.WriteRaw(reader.ReadRaw());
        conversion.Convert(ref reader, ref writer);
        writer.Flush();
    }
}
