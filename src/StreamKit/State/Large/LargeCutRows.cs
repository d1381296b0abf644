using System.Buffers.Binary;

namespace StreamKit.State;

/// <summary>What a cut has of one <see cref="LargeValue"/>. Filled on the owner's thread, then written on another.</summary>
internal sealed class LargeCutRows
{
    /// <summary>Bytes of a sub-key: where a part begins, big-endian.</summary>
    public const int SubKeySize = sizeof(uint);

    /// <summary>Longer rows are divided: small enough that a change rewrites little, large enough that the row's own bytes do not matter.</summary>
    public const int RowSize = 4096;

    private readonly List<(uint Start, byte[]? Value)> _rows = [];

    /// <summary>Whether older segments may have rows that these do not replace one by one.</summary>
    public required bool Replaces { get; init; }

    public static void WriteSubKey(Span<byte> subKey, uint start) => BinaryPrimitives.WriteUInt32BigEndian(subKey, start);

    public void Add(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value) => _rows.Add((BinaryPrimitives.ReadUInt32BigEndian(subKey), value.ToArray()));

    /// <summary>A part that segments may have a row of has none any more.</summary>
    public void AddTombstone(uint start)
    {
        if (!Replaces)
            _rows.Add((start, null));
    }

    public void Write(OrderedRowSink sink)
    {
        if (Replaces)
            sink.AddTombstone();
        _rows.Sort(static (left, right) => left.Start.CompareTo(right.Start));
        Span<byte> subKey = stackalloc byte[SubKeySize];
        foreach ((uint start, byte[]? value) in _rows)
        {
            WriteSubKey(subKey, start);
            if (value is null)
                sink.AddTombstone(subKey);
            else
                sink.Add(subKey, value);
        }
    }
}

/// <summary>Gives the rows of a part to what the cut has of its value. Used by the owner's thread.</summary>
internal sealed class LargeCutSink : RowSink
{
    public LargeCutRows? Target { get; set; }

    public override void Add(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value) => Target!.Add(subKey, value); // set before the first row

    /// <inheritdoc cref="LargeCutRows.AddTombstone"/>
    public void AddTombstone(uint start) => Target!.AddTombstone(start); // as above
}
