using System.Globalization;
using StreamKit.State;

namespace StreamKit.Checkpoints;

/// <summary>The live rows of a state.</summary>
/// <param name="Rows">Their number.</param>
/// <param name="Bytes">The bytes of their keys and values.</param>
internal readonly record struct StateSize(long Rows, long Bytes)
{
    public StateSize Plus(int bytes) => new(Rows + 1, Bytes + bytes);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rows:N0} {(Rows == 1 ? "row" : "rows")}, {Bytes:N0} bytes");
}

/// <summary>Counts what a checkpoint holds of an operator, by reading all of it: where the answer matters more than the time.</summary>
internal static class StateCensus
{
    /// <summary>The sizes of the keyed states that have any rows, by id.</summary>
    /// <exception cref="CheckpointDamagedException">A segment is damaged or missing.</exception>
    public static async Task<IReadOnlyDictionary<int, StateSize>> CountAsync(ICheckpointStore store, OperatorManifest stored, CancellationToken cancellationToken)
    {
        var sizes = new SortedDictionary<int, StateSize>();
        using StoredRows rows = await StoredRows.OpenAsync(store, stored, cancellationToken);
        while (await rows.MoveNextAsync(cancellationToken))
        {
            Count(sizes, rows.Current);
        }

        return sizes;
    }

    private static void Count(SortedDictionary<int, StateSize> sizes, SegmentRow row) =>
        sizes[row.StateId] = sizes.GetValueOrDefault(row.StateId).Plus(row.Key.Length + row.SubKey.Length + row.Value.Length);
}
