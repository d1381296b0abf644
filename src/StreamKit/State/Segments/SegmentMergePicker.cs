namespace StreamKit.State;

/// <summary>
/// Decides which neighbours of a chain of segments are to be merged now. Pure. Two things make a merge worthwhile: too much of what is
/// stored is outdated, which only a merge with the oldest segments mends; or a read has too many segments to ask.
/// </summary>
/// <remarks>
/// The first costs as many bytes as there is state, each time that as many bytes have been added. For the second, the segments that have been
/// merged least often are merged, all the newest of them at once: with the slots of <see cref="MostSegments"/>, 120 checkpoints find
/// place with one merge per row, and 680 with two (K-slot stack compaction, the binomial strategy:
/// Mathieu, Staelin, Young, Yousefi, "Bigtable merge compaction").
/// </remarks>
internal static class SegmentMergePicker
{
    /// <summary>What a read asks at most, and a merge reads at once, but for the checkpoints taken while a merge runs.</summary>
    public const int MostSegments = 16;

    /// <summary>The store is to hold at most 2.2 times what lives; and checkpoints differ in length.</summary>
    private const double MostStoredPerLiving = 2.15;

    /// <summary>What a clip leaves behind is stored for the other subtasks too, as long as they read it. So it alone is no reason for a merge at once.</summary>
    private const double LeastAddedPerLiving = 0.125;

    /// <summary>Below this it costs nothing to wait: the segments travel in the manifest anyway.</summary>
    private const long SmallChain = 16 * 1024;

    /// <summary>How many segments a small chain may have before it is merged to save space.</summary>
    private const int FewSegments = 4;

    /// <summary>A segment that is so many times longer than those behind it was surely merged once more than they.</summary>
    private const int LengthRatioOfLevels = 8;

    /// <summary>Which segments of a chain, from the oldest to the newest, to merge now; none when it is fine as it is.</summary>
    public static (int First, int Count)? Pick(IReadOnlyList<MergeCandidate> chain)
    {
        if (chain.Count < 2)
        {
            return null;
        }

        if (IsMostlyOutdated(chain))
        {
            return (0, chain.Count);
        }

        return chain.Count < MostSegments ? null : PickLeastMerged(chain);
    }

    /// <summary>What <see cref="MergeCandidate.Level"/> probably was, for segments of which only the lengths are known, from the oldest to the newest.</summary>
    public static int[] LevelsOf(IReadOnlyList<long> lengths)
    {
        int[] levels = new int[lengths.Count];
        int level = 0;
        long typical = long.MaxValue / LengthRatioOfLevels;
        for (int i = lengths.Count - 1; i >= 0; i--)
        {
            if (lengths[i] >= typical * LengthRatioOfLevels)
            {
                level++;
                typical = lengths[i];
            }
            else if (level == 0)
            {
                typical = Math.Min(typical, Math.Max(1, lengths[i]));
            }

            levels[i] = level;
        }

        return levels;
    }

    /// <summary>Whether the store would soon hold more than it may; the next segment is taken to be like the last one.</summary>
    private static bool IsMostlyOutdated(IReadOnlyList<MergeCandidate> chain)
    {
        long stored = chain.Sum(static each => each.Length);
        double living = Living(chain);
        double added = chain.Sum(static each => each.ClippedLength) - living;
        return (stored > SmallChain || chain.Count >= FewSegments)
            && added >= living * LeastAddedPerLiving
            && stored + chain[^1].ClippedLength > living * MostStoredPerLiving;
    }

    /// <summary>
    /// The bytes that live, estimated: those of each key group's oldest segment, which were all different when they were written, less what
    /// was deleted since and not replaced by other rows. After several subtasks became one, the oldest are several.
    /// </summary>
    private static double Living(IReadOnlyList<MergeCandidate> chain)
    {
        double bytes = 0;
        double rows = 0;
        double deleted = 0;
        var covered = new List<KeyGroupRange>();
        foreach (MergeCandidate each in chain.Where(static each => !each.KeyGroups.IsEmpty))
        {
            double share = (double)Cover(covered, each.KeyGroups) / each.KeyGroups.Count;
            bytes += each.ClippedLength * share;
            rows += each.Rows * share;
            deleted += ((2 * each.Tombstones) - each.Rows) * (1 - share);
        }

        return deleted <= 0 ? bytes : bytes * Math.Max(0, 1 - (deleted / rows));
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

    /// <summary>The newest segments up to the lowest level that frees a slot. The oldest segment stays out.</summary>
    private static (int First, int Count) PickLeastMerged(IReadOnlyList<MergeCandidate> chain)
    {
        int enough = chain.Count - MostSegments + 2;
        int first = chain.Count;
        int level = 0;
        while (chain.Count - first < enough)
        {
            level = Math.Max(level, chain[first - 1].Level);
            while (first > 1 && chain[first - 1].Level <= level)
            {
                first--;
            }
        }

        return (first, chain.Count - first);
    }
}
