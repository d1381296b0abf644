namespace StreamKit.EndToEnd.Tests;

/// <summary>The sample's results against those of the batch, and its manners on the command line.</summary>
public class FraudDetectionTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(1, 4)]
    [InlineData(2, 1)]
    [InlineData(2, 4)]
    [InlineData(3, 2)]
    public async Task Alerts_OfInputFullOfEdges_AreThoseOfTheBatch(int seed, int parallelism)
    {
        using var sample = new Sample();
        new FraudInput(seed).Write(sample.Input, count: 15_000, cards: 25);

        await sample.Start("--parallelism", $"{parallelism}").FinishAsync();

        var expected = FraudOracle.Alerts(sample.Input);
        Assert.Equal(expected, sample.Alerts());
        foreach (var rule in (string[])["small-then-large", "burst", "spend"])
            Assert.True(expected.Count(line => line.Contains(rule, StringComparison.Ordinal)) > 20, $"Seed {seed} gives hardly any '{rule}', so this test shows little.");
    }

    [Fact]
    public async Task Alerts_OfOneInputInTwoOrders_AreTheSame()
    {
        using var sample = new Sample();
        using var sorted = new Sample();
        new FraudInput(seed: 4).Write(sample.Input, count: 10_000, cards: 20);
        var lines = File.ReadAllLines(sample.Input);
        File.WriteAllLines(sorted.Input, lines.Skip(1).OrderBy(line => line.Split(',')[1], StringComparer.Ordinal).Prepend(lines[0]));

        await sample.Start("--parallelism", "2").FinishAsync();
        await sorted.Start("--parallelism", "1").FinishAsync();

        Assert.NotEqual(lines, File.ReadAllLines(sorted.Input));
        Assert.Equal(sorted.Alerts(), sample.Alerts());
    }

    [Fact]
    public async Task FinishedJob_RunAgain_ProcessesNothingAndSaysSo()
    {
        using var sample = new Sample();
        new FraudInput(seed: 5).Write(sample.Input, count: 5_000, cards: 10);
        await sample.Start().FinishAsync();
        var first = Files(sample);

        var again = sample.Start();
        await again.FinishAsync();

        Assert.Contains("finished in an earlier run", again.Output, StringComparison.Ordinal);
        Assert.Equal(first, Files(sample));
    }

    [Fact]
    public async Task FinishedJob_InputGone_StillSaysThatItIsFinished()
    {
        using var sample = new Sample();
        new FraudInput(seed: 5).Write(sample.Input, count: 2_000, cards: 10);
        await sample.Start().FinishAsync();
        File.Delete(sample.Input);

        var again = sample.Start();
        await again.FinishAsync();

        Assert.Contains("finished in an earlier run", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StoppedJob_GivenAnotherInput_RefusesItAndGoesOnWithTheFirst()
    {
        using var sample = new Sample();
        new FraudInput(seed: 9).Write(sample.Input, count: 8_000, cards: 10);
        var other = Path.Combine(sample.Folder, "other.csv");
        new FraudInput(seed: 10).Write(other, count: 8_000, cards: 10);
        var first = sample.Start("--rate", "2000");
        await Sample.UntilAsync(() => first.Output.Contains("alerts |", StringComparison.Ordinal), first);
        first.Interrupt();
        await first.FinishAsync();

        var second = sample.Start("--input", other);

        Assert.Equal(1, await second.ExitAsync());
        Assert.Contains(sample.Input, second.Error, StringComparison.Ordinal);
        Assert.Contains(other, second.Error, StringComparison.Ordinal);
        Assert.Contains("--fresh", second.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("restarts", second.Error, StringComparison.Ordinal);
        await sample.Start().FinishAsync();
        Assert.Equal(FraudOracle.Alerts(sample.Input), sample.Alerts());
    }

    [Fact]
    public async Task FinishedJob_StartedFresh_RunsAnew()
    {
        using var sample = new Sample();
        new FraudInput(seed: 6).Write(sample.Input, count: 5_000, cards: 10);
        await sample.Start().FinishAsync();
        var foreign = Path.Combine(sample.Output, "notes.txt");
        await File.WriteAllTextAsync(foreign, "not an alert");
        new FraudInput(seed: 7).Write(sample.Input, count: 5_000, cards: 10);

        await sample.Start("--fresh").FinishAsync();

        Assert.Equal(FraudOracle.Alerts(sample.Input), sample.Alerts());
        Assert.True(File.Exists(foreign));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunningJob_Interrupted_StopsBehindACheckpointAndGoesOn(bool byTerminate)
    {
        using var sample = new Sample();
        new FraudInput(seed: 8).Write(sample.Input, count: 12_000, cards: 10);
        var first = sample.Start("--rate", "2000", "--checkpoint-interval", "3600");
        await Sample.UntilAsync(() => first.Output.Contains("alerts |", StringComparison.Ordinal), first);

        if (byTerminate)
            first.Terminate();
        else
            first.Interrupt();
        await first.FinishAsync();
        var midway = sample.Alerts();
        await sample.Start("--parallelism", "3").FinishAsync();

        var expected = FraudOracle.Alerts(sample.Input);
        Assert.Contains("has stopped with a final checkpoint", first.Output, StringComparison.Ordinal);
        Assert.InRange(midway.Length, 1, expected.Length - 1);
        Assert.Equal(expected, sample.Alerts());
    }

    [Theory]
    [InlineData("Unknown argument '--paralellism'", "--paralellism", "2")]
    [InlineData("--parallelism is '0', expected a whole number from 1 to 128", "--parallelism", "0")]
    [InlineData("--parallelism is '1.5'", "--parallelism", "1.5")]
    [InlineData("--rate is 'fast', expected events per second, above 0", "--rate", "fast")]
    [InlineData("--rate is '0'", "--rate", "0")]
    [InlineData("--checkpoint-interval needs a value: seconds", "--checkpoint-interval")]
    public async Task Arguments_ThatAreWrong_AreNamedAndTheUsageShown(string expected, params string[] arguments)
    {
        using var sample = new Sample();

        var process = sample.Start(arguments);

        Assert.Equal(2, await process.ExitAsync());
        Assert.Contains(expected, process.Error, StringComparison.Ordinal);
        Assert.Contains("usage:", process.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(sample.Checkpoints));
    }

    [Fact]
    public async Task Input_ThatIsMissing_IsNamed()
    {
        using var sample = new Sample();

        var process = sample.Start();

        Assert.Equal(1, await process.ExitAsync());
        Assert.Contains(sample.Input, process.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", process.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Line_ThatCannotBeRead_IsNamedWithFileLineAndColumn()
    {
        using var sample = new Sample();
        await File.WriteAllTextAsync(sample.Input, "id,at,card,merchant,amount,country\n1,2025-01-01T00:00:00.000Z,a,m,1.00,AT\n2,2025-01-01T00:00:00.000Z,a,m,much,AT\n");

        var process = sample.Start();

        Assert.Equal(1, await process.ExitAsync());
        Assert.Contains(sample.Input, process.Error, StringComparison.Ordinal);
        Assert.Contains("line 3", process.Error, StringComparison.Ordinal);
        Assert.Contains("much", process.Error, StringComparison.Ordinal);
        Assert.Single(process.Error.Split("line 3")[1..]);
        Assert.DoesNotContain("   at ", process.Error, StringComparison.Ordinal);
    }

    private static string[] Files(Sample sample) => [.. Directory.GetFiles(sample.Output).Order(StringComparer.Ordinal).Select(file => $"{Path.GetFileName(file)}: {File.ReadAllText(file)}")];
}
