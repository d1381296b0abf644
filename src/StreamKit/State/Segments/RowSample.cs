using System.Runtime.InteropServices;

namespace StreamKit.State;

/// <summary>
/// Some rows of a segment, chosen by the hash of state and key: segments that have a key in common have it in their samples or do not. So samples tell how much
/// of a segment is outdated by younger ones, and how much they add. Only rows that are all of their key are looked at: what hides rows at
/// sub-keys need not be in the sample. Known for segments written by this process only.
/// </summary>
/// <remarks>A hash is in the sample when its lowest bits are zero; when there are too many, one more bit has to be (Wegman's adaptive sampling).</remarks>
internal sealed class RowSample
{
    /// <summary>Half as many are left at least: a share of rows is known to two percent, for 24 KB.</summary>
    public const int MostRows = 2048;

    private readonly List<Row> _rows = [];
    private ulong _mask;

    /// <summary>The bytes of all rows that could have been chosen and live.</summary>
    public long LivingLength { get; private set; }

    /// <summary>All tombstones that could have been chosen.</summary>
    public long Tombstones { get; private set; }

    /// <summary>Adds a row of a key that was not added before.</summary>
    /// <param name="hash">Of state and key, as in <see cref="BlockFilter"/>.</param>
    /// <param name="length">The row's bytes.</param>
    /// <param name="isTombstone">Whether it says that the key is no more.</param>
    public void Add(ulong hash, int length, bool isTombstone)
    {
        LivingLength += isTombstone ? 0 : length;
        Tombstones += isTombstone ? 1 : 0;
        if ((hash & _mask) != 0)
        {
            return;
        }

        _rows.Add(new Row(hash, length, isTombstone));
        while (_rows.Count > MostRows)
        {
            _mask = (_mask << 1) | 1;
            _rows.RemoveAll(row => (row.Hash & _mask) != 0);
        }
    }

    /// <summary>
    /// How many living bytes the younger segments of a chain add to the oldest one, estimated; below 0 if they delete more. The numbers of rows
    /// and tombstones are known. What the samples tell is what one of each does on average, so it is exact where all of them do the same.
    /// </summary>
    public static double AddedBy(IReadOnlyList<RowSample> chain)
    {
        ulong mask = chain.Max(static each => each._mask);
        var living = new Dictionary<ulong, int>();
        double written = 0;
        double added = 0;
        double tombstones = 0;
        double deleted = 0;
        for (int age = 0; age < chain.Count; age++)
        {
            foreach (Row row in chain[age]._rows.Where(row => (row.Hash & mask) == 0))
            {
                ref int length = ref CollectionsMarshal.GetValueRefOrAddDefault(living, row.Hash, out _);
                if (age > 0 && row.IsTombstone)
                {
                    tombstones++;
                    deleted += length;
                }
                else if (age > 0)
                {
                    written += row.Length;
                    added += row.Length - length;
                }

                length = row.IsTombstone ? 0 : row.Length;
            }
        }

        double all = written == 0 ? 0 : chain.Skip(1).Sum(static each => each.LivingLength) * (added / written);
        return tombstones == 0 ? all : all - (chain.Skip(1).Sum(static each => each.Tombstones) * (deleted / tombstones));
    }

    private readonly record struct Row(ulong Hash, int Length, bool IsTombstone);
}
