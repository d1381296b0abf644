using StreamKit.Serialization;
using StreamKit.State;

namespace StreamKit.Windowing;

/// <summary>How what a slice holds for a key becomes rows and comes back. Stateless, and safe for concurrent use.</summary>
internal abstract class SliceCodec<TAcc>
{
    /// <summary>Writes the rows of a key in a slice, their sub-keys without the slice's.</summary>
    public abstract RowCodec<TAcc> Rows { get; }

    /// <summary>Takes one such row back in.</summary>
    public abstract void Load(ref TAcc accumulator, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value);

    /// <summary>How such rows are converted, given how that is done with what the window's schema describes.</summary>
    public virtual RowConversion ConversionOf(ValueConversion conversion) => new ValueRowConversion(conversion);
}

/// <summary>An accumulator in one row.</summary>
internal sealed class AccumulatorCodec<TAcc>(Serializer<TAcc> serializer) : SliceCodec<TAcc>
{
    public override RowCodec<TAcc> Rows { get; } = new ValueCodec<TAcc>(serializer);

    public override void Load(ref TAcc accumulator, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        var reader = new MessagePackReader(value);
        accumulator = serializer.Read(ref reader);
    }
}

/// <summary>Elements in rows of some kilobytes.</summary>
internal sealed class ElementsCodec<T>(Serializer<T> serializer) : SliceCodec<ListCell<T>>
{
    private readonly ListCodec<T> _codec = new(serializer);

    public override RowCodec<ListCell<T>> Rows => _codec;

    public override void Load(ref ListCell<T> accumulator, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value) => _codec.Load(ref accumulator, subKey, value);

    public override RowConversion ConversionOf(ValueConversion conversion) => new ListRowConversion(conversion);
}
