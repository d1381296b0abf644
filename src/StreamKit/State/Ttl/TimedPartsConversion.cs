using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>Rows of <see cref="TimedParts"/>: when items expire stays as it is.</summary>
internal sealed class TimedPartsConversion(RowConversion untimed) : RowConversion
{
    public override void Convert(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value, PooledBufferWriter output)
    {
        var reader = new MessagePackReader(value);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(reader.ReadArrayHeader());
        writer.WriteRaw(reader.ReadRaw());
        writer.WriteRaw(reader.ReadRaw());
        writer.Flush();
        untimed.Convert(subKey, value[reader.Position..], output);
    }
}
