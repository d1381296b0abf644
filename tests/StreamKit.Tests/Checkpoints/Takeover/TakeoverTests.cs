namespace StreamKit.Tests.Checkpoints.Takeover;

/// <summary>
/// Whatever runners do to each other, every record is in the output once: explored with the real log and coordinator. Each rule left
/// out is caught.
/// </summary>
public class TakeoverTests
{
    [Theory]
    [InlineData(2, 2, 2, 0)]
    [InlineData(2, 2, 1, 1)]
    [InlineData(3, 1, 2, 0)]
    public void Output_AllSchedulesWithinBounds_IsExactlyOnce(int runners, int records, int switches, int faults)
    {
        var settings = new TakeoverSettings(runners, records, switches, faults);
        var schedule = new ExhaustiveSchedule();
        int runs = 0;

        do
        {
            Assert.Empty(TakeoverModel.Run(settings, schedule));
            runs++;
        }
        while (schedule.Advance());

        Assert.True(runs > 200, $"Only {runs} schedules were explored.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{runs} schedules");
    }

    [Fact]
    public void Output_RandomSchedulesOfThreeRunnersWithFaults_IsExactlyOnce()
    {
        for (int seed = 1; seed <= 500; seed++)
        {
            IReadOnlyList<string> violations = TakeoverModel.Run(new TakeoverSettings(3, 3, Switches: 100, Faults: 4), new RandomSchedule(seed));

            Assert.True(violations.Count == 0, $"Seed {seed}: {string.Join("; ", violations)}");
        }
    }

    [Theory]
    [InlineData(nameof(BrokenRule.NoListingAfterTheClaim))]
    [InlineData(nameof(BrokenRule.EveryCollisionIsOwn))]
    [InlineData(nameof(BrokenRule.AbortsHigherClaims))]
    public void Output_RuleLeftOut_IsWrongInSomeSchedule(string rule)
    {
        var settings = new TakeoverSettings(2, 4, Switches: 100, Faults: 0, Enum.Parse<BrokenRule>(rule));

        int? found = Enumerable.Range(1, 20_000).Cast<int?>().FirstOrDefault(seed => TakeoverModel.Run(settings, new RandomSchedule(seed!.Value)).Count > 0);

        Assert.NotNull(found);
        TestContext.Current.TestOutputHelper?.WriteLine($"found with seed {found}");
    }
}
