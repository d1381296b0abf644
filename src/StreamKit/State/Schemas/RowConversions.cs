using StreamKit.Serialization;

namespace StreamKit.State;

/// <summary>What the rows of one older generation need. Chosen once for a segment; safe for concurrent use.</summary>
/// <param name="byState">The conversions by state id; states that are not there need none.</param>
internal sealed class RowConversions(IReadOnlyDictionary<int, RowConversion> byState)
{
    /// <summary>The value of a row in the form of today.</summary>
    /// <param name="stateId">The state that the row belongs to.</param>
    /// <param name="subKey">Which part of a key's state it is.</param>
    /// <param name="value">The value as it was written; not that of a tombstone.</param>
    /// <param name="scratch">Where the new value may be built. It is cleared first.</param>
    /// <returns>The value itself or a part of <paramref name="scratch"/>, valid as long as both are.</returns>
    /// <exception cref="StreamKitException">The bytes are not what the schema says.</exception>
    public ReadOnlySpan<byte> Convert(int stateId, ReadOnlySpan<byte> subKey, ReadOnlySpan<byte> value, PooledBufferWriter scratch)
    {
        if (!byState.TryGetValue(stateId, out RowConversion? conversion))
            return value;

        scratch.Clear();
        conversion.Convert(subKey, value, scratch);
        return scratch.WrittenSpan;
    }
}
