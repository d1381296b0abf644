namespace StreamKit.State;

/// <summary>
/// Decides which neighbours of a chain of segments are to be merged now. Pure. Two things make a merge worthwhile: too much of what is
/// stored is outdated, which only a merge with the oldest segments mends; or a read has too many segments to ask.
/// </summary>
/// <remarks>
/// The first costs as many bytes as there is state, each time that as many bytes are outdated (<see cref="LivingBytes"/>). For the second, the segments
/// that have been merged least often are merged, all the newest of them at once: with the slots of <see cref="MostSegments"/>, 276 checkpoints find
/// place with one merge per row, and 2,300 with two (K-slot stack compaction, the binomial strategy:
/// Mathieu, Staelin, Young, Yousefi, "Bigtable merge compaction"). State that only grows is merged for the second reason alone: up to 8,000
/// checkpoints write at most 4 bytes per byte, 40,000 write 5.
/// </remarks>
internal static class SegmentMergePicker
{
    /// <summary>What a read asks at most, and a merge reads at once, but for the checkpoints taken while a merge runs.</summary>
    public const int MostSegments = 24;

    /// <summary>The store is to hold at most 2.2 times what lives; and checkpoints differ in length.</summary>
    private const double MostStoredPerLiving = 2.15;

    /// <summary>What a clip leaves behind is stored for the other subtasks too, as long as they read it. So it alone is no reason for a merge at once.</summary>
    private const double LeastOutdatedPerLiving = 0.125;

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

    /// <summary>Whether the store would soon hold more than it may; the next segment is taken to be like the longest since the oldest.</summary>
    private static bool IsMostlyOutdated(IReadOnlyList<MergeCandidate> chain)
    {
        long stored = chain.Sum(static each => each.Length);
        LivingBytes living = LivingBytes.Of(chain);
        double outdated = chain.Sum(static each => each.ClippedLength) - living.Bytes;
        long next = chain.Skip(1).Max(static each => each.LongestCut);
        double livingThen = Math.Max(0, living.Bytes + (Math.Min(0, living.AddedPerByte) * next));
        return (stored > SmallChain || chain.Count >= FewSegments)
            && outdated >= living.Bytes * LeastOutdatedPerLiving
            && stored + next > livingThen * MostStoredPerLiving;
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
