namespace StreamKit.State;

/// <summary>How many bytes of a chain of segments live, estimated. Pure.</summary>
/// <param name="Bytes">The bytes of the rows in force.</param>
/// <param name="AddedPerByte">What a byte of the younger segments added to them on average; below 0 when more was deleted.</param>
internal readonly record struct LivingBytes(double Bytes, double AddedPerByte)
{
    /// <summary>
    /// Estimates them. The rows of each key group's oldest segment were all different when they were written. What younger ones add is known
    /// if all segments have samples; otherwise they are taken to add nothing, but for deletions.
    /// </summary>
    public static LivingBytes Of(IReadOnlyList<MergeCandidate> chain) =>
        chain.All(static each => each.Sample is not null) ? BySamples(chain) : ByCounts(chain);

    private static LivingBytes BySamples(IReadOnlyList<MergeCandidate> chain)
    {
        double added = RowSample.AddedBy([.. chain.Select(static each => each.Sample!)]); // each has one
        double younger = chain.Skip(1).Sum(static each => each.ClippedLength);
        return new LivingBytes(Math.Max(0, chain[0].ClippedLength + added), added / younger);
    }

    /// <summary>After several subtasks became one, the oldest segments are several. Deleted is what was not replaced by other rows.</summary>
    private static LivingBytes ByCounts(IReadOnlyList<MergeCandidate> chain)
    {
        double bytes = 0;
        double rows = 0;
        double younger = 0;
        double deleted = 0;
        var covered = new List<KeyGroupRange>();
        foreach (MergeCandidate each in chain.Where(static each => !each.KeyGroups.IsEmpty))
        {
            double share = (double)Cover(covered, each.KeyGroups) / each.KeyGroups.Count;
            bytes += each.ClippedLength * share;
            rows += each.Rows * share;
            younger += each.ClippedLength * (1 - share);
            deleted += ((2 * each.Tombstones) - each.Rows) * (1 - share);
        }

        if (deleted <= 0)
        {
            return new LivingBytes(bytes, 0);
        }

        double left = bytes * Math.Max(0, 1 - (deleted / rows));
        return new LivingBytes(left, (left - bytes) / younger);
    }

    /// <summary>Adds a range to ranges without key groups in common, and returns how many of its key groups were in none.</summary>
    private static int Cover(List<KeyGroupRange> covered, KeyGroupRange range)
    {
        int found = 0;
        int first = range.First;
        foreach (KeyGroupRange known in covered.Where(known => !known.Intersect(range).IsEmpty).OrderBy(static known => known.First).ToList())
        {
            found += AddUpTo(known.First - 1);
            first = known.Last + 1;
        }

        return found + AddUpTo(range.Last);

        int AddUpTo(int last)
        {
            var gap = new KeyGroupRange(first, last);
            if (!gap.IsEmpty)
            {
                covered.Add(gap);
            }

            return gap.Count;
        }
    }
}
