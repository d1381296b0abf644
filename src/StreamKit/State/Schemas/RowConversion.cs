using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>Turns the value of a row as it was written by an older schema into that of today. Stateless and safe for concurrent use.</summary>
internal abstract class RowConversion
{
    /// <summary>Appends the row's value in its new form.</summary>
    /// <param name="subKey">Which part of a key's state the row is.</param>
    /// <param name="value">Its value.</param>
    /// <param name="output">Takes the new value.</param>
    public abstract void Convert(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value, PooledBufferWriter output);
}

/// <summary>A row that holds what the schema describes, and nothing else.</summary>
internal sealed class ValueRowConversion(ValueConversion conversion) : RowConversion
{
    public override void Convert(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value, PooledBufferWriter output)
    {
        var reader = new MessagePackReader(value);
        var writer = new MessagePackWriter(output);
        conversion.Convert(ref reader, ref writer);
        writer.Flush();
    }
}
