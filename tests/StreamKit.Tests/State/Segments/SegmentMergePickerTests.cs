using StreamKit.State;

namespace StreamKit.Tests.State.Segments;

public class SegmentMergePickerTests(ITestOutputHelper output)
{
    private const int Checkpoints = 4_000;

    public static TheoryData<string> Workloads => [.. MergeWorkload.All.Select(workload => workload.Name)];

    [Theory]
    [MemberData(nameof(Workloads))]
    public void Pick_OverThousandsOfCheckpoints_KeepsToItsBounds(string name)
    {
        MergeWorkload workload = MergeWorkload.All.Single(each => each.Name == name);

        MergeSimulation simulation = Run(workload, knowsSamples: true);

        Assert.True(simulation.Amplification <= workload.Amplification, simulation.ToString());
        Assert.True(simulation.WorstSpace <= workload.Space, simulation.ToString());
        Assert.True(simulation.MostSegments <= SegmentMergePicker.MostSegments, simulation.ToString());
    }

    /// <summary>So it is where rows die without being deleted.</summary>
    [Theory]
    [MemberData(nameof(Workloads))]
    public void Pick_NothingKnownOfWhatRowsHaveInCommon_KeepsToItsBounds(string name)
    {
        MergeWorkload workload = MergeWorkload.All.Single(each => each.Name == name);

        MergeSimulation simulation = Run(workload, knowsSamples: false);

        Assert.True(simulation.Amplification <= workload.BlindAmplification, simulation.ToString());
        Assert.True(simulation.WorstSpace <= workload.Space, simulation.ToString());
        Assert.True(simulation.MostSegments <= SegmentMergePicker.MostSegments, simulation.ToString());
    }

    [Fact]
    public void Pick_ALargeSegmentWithAFewSmallOnes_LeavesThemAlone()
    {
        Assert.Null(SegmentMergePicker.Pick([Segment(1_000_000), .. Enumerable.Repeat(Segment(10_000), 14)]));
    }

    [Fact]
    public void Pick_AllSlotsTaken_MergesTheNewestOfTheLowestLevel()
    {
        MergeCandidate[] chain = [Segment(1_000_000, level: 3), .. Enumerable.Repeat(Segment(10_000, level: 2), 5), .. Enumerable.Repeat(Segment(1_000), 18)];

        Assert.Equal((6, 18), SegmentMergePicker.Pick(chain));
    }

    [Fact]
    public void Pick_OnlyOneOfTheLowestLevel_TakesTheNextLevelToo()
    {
        MergeCandidate[] chain = [Segment(1_000_000, level: 3), .. Enumerable.Repeat(Segment(10_000, level: 1), 22), Segment(1_000)];

        Assert.Equal((1, 23), SegmentMergePicker.Pick(chain));
    }

    [Fact]
    public void Pick_ManyMoreThanTheSlots_FreesEnoughOfThem()
    {
        MergeCandidate[] chain = [Segment(1_000_000, level: 3), .. Enumerable.Repeat(Segment(1_000, level: 1), 30), Segment(500), Segment(500)];

        Assert.Equal((1, 32), SegmentMergePicker.Pick(chain));
    }

    /// <summary>After scaling out most of the file belongs to others. That alone is no reason, but less has to be added until it is due.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void Pick_AnOldestSegmentThatIsMostlyClipped_IsMergedEarly(int added, bool isPicked)
    {
        MergeCandidate oldest = Segment(1_000_000) with { KeyGroups = new KeyGroupRange(0, 31), ClippedLength = 250_000 };
        MergeCandidate young = Segment(20_000) with { KeyGroups = new KeyGroupRange(0, 31) };

        (int, int)? pick = SegmentMergePicker.Pick([oldest, .. Enumerable.Repeat(young, added)]);

        Assert.Equal(isPicked ? (0, added + 1) : null, pick);
    }

    /// <summary>After scaling in, each subtask's oldest segment lives: they have no key groups in common.</summary>
    [Fact]
    public void Pick_OldestSegmentsOfSeveralSubtasks_AreNotTakenForOutdated()
    {
        MergeCandidate[] chain = [.. Enumerable.Range(0, 4).Select(i => Segment(1_000_000) with { KeyGroups = new KeyGroupRange(i * 32, (i * 32) + 31) }), Segment(100_000)];

        Assert.Null(SegmentMergePicker.Pick(chain));
    }

    [Fact]
    public void Pick_DeletionsWithoutNewRows_MergesBeforeTheyAreAsLongAsTheRows()
    {
        MergeCandidate rows = Segment(1_000_000) with { Rows = 10_000 };
        MergeCandidate deletions = Segment(20_000) with { Rows = 1_000, Tombstones = 1_000 };

        Assert.Null(SegmentMergePicker.Pick([rows, deletions, deletions, deletions]));
        Assert.Equal((0, 5), SegmentMergePicker.Pick([rows, deletions, deletions, deletions, deletions]));
    }

    [Fact]
    public void LevelsOf_LengthsOfAChain_FindsWhatWasMerged()
    {
        Assert.Equal([2, 1, 1, 0, 0, 0], SegmentMergePicker.LevelsOf([100_000, 1_000, 1_500, 100, 120, 90]));
        Assert.Equal([0], SegmentMergePicker.LevelsOf([100]));
        Assert.Equal([], SegmentMergePicker.LevelsOf([]));
    }

    [Theory]
    [InlineData(0, 23)]
    [InlineData(1, 276)]
    [InlineData(2, 2_300)]
    public void Pick_WithoutNeedForTheOldest_TakesSoManyCheckpointsWithSoManyMergesPerRow(int merges, int checkpoints)
    {
        List<MergeCandidate> chain = [Segment(1_000_000_000, level: 9)];
        int taken = 0;
        while (chain.Skip(1).All(each => each.Level <= merges))
        {
            chain.Add(Segment(100));
            taken++;
            if (SegmentMergePicker.Pick(chain) is { } pick)
            {
                long length = chain.GetRange(pick.First, pick.Count).Sum(each => each.Length);
                int level = chain.GetRange(pick.First, pick.Count).Max(each => each.Level);
                chain.RemoveRange(pick.First, pick.Count);
                chain.Insert(pick.First, Segment(length, level + 1));
            }
        }

        Assert.Equal(checkpoints, taken);
    }

    private MergeSimulation Run(MergeWorkload workload, bool knowsSamples)
    {
        var simulation = new MergeSimulation(knowsSamples);
        var random = new Random(1);
        for (int i = 0; i < Checkpoints; i++)
        {
            simulation.Checkpoint(workload.Next(random, simulation.Living));
        }

        output.WriteLine($"{workload.Name}: {simulation}");
        return simulation;
    }

    private static MergeCandidate Segment(long length, int level = 0) => new()
    {
        KeyGroups = new KeyGroupRange(0, 127),
        Length = length,
        ClippedLength = length,
        Rows = length / 100,
        Tombstones = 0,
        Level = level,
        LongestCut = level == 0 ? length : 0,
    };
}
