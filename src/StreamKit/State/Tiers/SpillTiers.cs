namespace StreamKit.State;

/// <summary>
/// Which spill runs to merge. Neighbours in age of one tier are merged when there are sixteen, into one of the next tier: so each row is written once per
/// tier, and at a time there are few dozens of runs, however much has changed.
/// </summary>
internal static class SpillTiers
{
    /// <summary>Large, since a row is written again for each tier; and yet a merge reads no more than a cut may.</summary>
    public const int RunsPerMerge = 16;

    /// <summary>Three tiers' worth. Beyond it, which takes cuts that failed or a very long time, tiers no longer matter.</summary>
    public const int MostRuns = 3 * RunsPerMerge;

    /// <summary>Chooses runs that lie side by side.</summary>
    /// <param name="runs">From the oldest to the newest.</param>
    /// <param name="first">The oldest to merge.</param>
    /// <param name="count">How many.</param>
    /// <returns>False if there are few enough.</returns>
    public static bool TryChoose(IReadOnlyList<SpillRun> runs, out int first, out int count)
    {
        count = RunsPerMerge;
        int alike = 0;
        for (int i = 0; i < runs.Count; i++)
        {
            alike = i > 0 && runs[i].Tier == runs[i - 1].Tier ? alike + 1 : 1;
            first = i + 1 - RunsPerMerge;
            if (alike == RunsPerMerge)
                return true;
        }

        first = Smallest(runs);
        return runs.Count > MostRuns;
    }

    private static int Smallest(IReadOnlyList<SpillRun> runs)
    {
        int smallest = 0;
        long smallestBytes = long.MaxValue;
        for (int first = 0; first + RunsPerMerge <= runs.Count; first++)
        {
            long bytes = 0;
            for (int i = 0; i < RunsPerMerge; i++)
                bytes += runs[first + i].Length;
            if (bytes < smallestBytes)
                (smallest, smallestBytes) = (first, bytes);
        }

        return smallest;
    }
}
