using System.Buffers.Binary;
using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>
/// All rows of a key in one value, as the local store keeps them: per row the id of its state, the lengths of sub-key and value, and both. Lives no longer than
/// the process, so it is no format.
/// </summary>
internal sealed class LocalRows : RowSink
{
    private const int HeaderBytes = 3 * sizeof(int);

    /// <summary>Where rows are appended.</summary>
    public PooledBufferWriter? Output { get; set; }

    /// <summary>The state whose rows come.</summary>
    public int StateId { get; set; }

    /// <summary>Takes the next row off.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> rows, out int stateId, out ReadOnlySpan<byte> subKey, out ReadOnlySpan<byte> value)
    {
        if (rows.IsEmpty)
        {
            stateId = 0;
            subKey = value = default;
            return false;
        }

        stateId = BinaryPrimitives.ReadInt32LittleEndian(rows);
        int subKeyLength = BinaryPrimitives.ReadInt32LittleEndian(rows[sizeof(int)..]);
        int valueLength = BinaryPrimitives.ReadInt32LittleEndian(rows[(2 * sizeof(int))..]);
        subKey = rows.Slice(HeaderBytes, subKeyLength);
        value = rows.Slice(HeaderBytes + subKeyLength, valueLength);
        rows = rows[(HeaderBytes + subKeyLength + valueLength)..];
        return true;
    }

    public override void Add(ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value)
    {
        PooledBufferWriter output = Output!; // set by whoever has rows written
        Span<byte> row = output.GetSpan(HeaderBytes + subKey.Length + value.Length);
        BinaryPrimitives.WriteInt32LittleEndian(row, StateId);
        BinaryPrimitives.WriteInt32LittleEndian(row[sizeof(int)..], subKey.Length);
        BinaryPrimitives.WriteInt32LittleEndian(row[(2 * sizeof(int))..], value.Length);
        subKey.CopyTo(row[HeaderBytes..]);
        value.CopyTo(row[(HeaderBytes + subKey.Length)..]);
        output.Advance(HeaderBytes + subKey.Length + value.Length);
    }
}
