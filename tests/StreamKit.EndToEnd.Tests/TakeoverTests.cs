namespace StreamKit.EndToEnd.Tests;

/// <summary>Two processes and one set of checkpoints: the later one has the job.</summary>
public class TakeoverTests
{
    private const int TakenOver = 3;

    [Fact]
    public async Task FrozenRunner_ThawedAfterAnotherHasFinished_CommitsNothingAndSaysSo()
    {
        using var sample = new Sample();
        new FraudInput(seed: 21).Write(sample.Input, count: 10_000, cards: 20);
        var frozen = sample.Start("--rate", "1500", "--checkpoint-interval", "0.2", "--parallelism", "2");
        await Sample.UntilAsync(() => sample.Alerts().Length > 0, frozen);
        frozen.Freeze();

        await sample.Start("--checkpoint-interval", "0.2", "--parallelism", "4").FinishAsync();
        var files = Files(sample);
        frozen.Thaw();
        var code = await frozen.ExitAsync();

        Assert.Equal(TakenOver, code);
        Assert.Contains("taken over", frozen.Error, StringComparison.Ordinal);
        Assert.Equal(files, Files(sample));
        Assert.Equal(FraudOracle.Alerts(sample.Input), sample.Alerts());
    }

    [Fact]
    public async Task RunningRunner_WhenAnotherIsStarted_EndsAndTheOtherFinishes()
    {
        using var sample = new Sample();
        new FraudInput(seed: 22).Write(sample.Input, count: 10_000, cards: 20);
        var first = sample.Start("--rate", "1500", "--checkpoint-interval", "0.2", "--parallelism", "2");
        await Sample.UntilAsync(() => sample.Alerts().Length > 0, first);

        var second = sample.Start("--rate", "5000", "--checkpoint-interval", "0.2", "--parallelism", "1");
        var code = await first.ExitAsync();
        await second.FinishAsync();

        Assert.Equal(TakenOver, code);
        Assert.Contains("taken over", first.Error, StringComparison.Ordinal);
        Assert.Equal(FraudOracle.Alerts(sample.Input), sample.Alerts());
    }

    [Fact]
    public async Task RunningRunner_WhenAnotherIsStartedFresh_KeepsItsFilesAndGoesOn()
    {
        using var sample = new Sample();
        new FraudInput(seed: 24).Write(sample.Input, count: 6_000, cards: 20);
        var first = sample.Start("--rate", "2000", "--checkpoint-interval", "0.2");
        await Sample.UntilAsync(() => sample.Alerts().Length > 0, first);

        var second = sample.Start("--fresh");

        Assert.Equal(1, await second.ExitAsync());
        Assert.Contains("Another process is running", second.Error, StringComparison.Ordinal);
        Assert.Contains(sample.Checkpoints, second.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("usage:", second.Error, StringComparison.Ordinal);
        await first.FinishAsync();
        Assert.Equal(FraudOracle.Alerts(sample.Input), sample.Alerts());
    }

    [Fact]
    public async Task KilledRunner_WhenAnotherIsStartedFresh_IsNotInItsWay()
    {
        using var sample = new Sample();
        new FraudInput(seed: 25).Write(sample.Input, count: 6_000, cards: 20);
        var killed = sample.Start("--rate", "2000", "--checkpoint-interval", "0.2");
        await Sample.UntilAsync(() => sample.Alerts().Length > 0, killed);
        await killed.KillAsync();

        await sample.Start("--fresh").FinishAsync();

        Assert.Equal(FraudOracle.Alerts(sample.Input), sample.Alerts());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Runners_StartedAtOnce_LeaveExactlyOne(int runners)
    {
        using var sample = new Sample();
        new FraudInput(seed: 23).Write(sample.Input, count: 10_000, cards: 20);

        var processes = Enumerable.Range(0, runners).Select(_ => sample.Start("--rate", "2000", "--checkpoint-interval", "0.2")).ToList();
        var codes = await Task.WhenAll(processes.Select(process => process.ExitAsync()));

        Assert.True(codes.Count(code => code == 0) == 1 && codes.Count(code => code == TakenOver) == runners - 1, $"Exit codes {string.Join(", ", codes)}.\n{string.Join('\n', processes)}");
        Assert.Equal(FraudOracle.Alerts(sample.Input), sample.Alerts());
    }

    /// <summary>Names and contents of the committed files.</summary>
    private static string[] Files(Sample sample) =>
        [.. Directory.GetFiles(sample.Output, "*.jsonl").Order(StringComparer.Ordinal).Select(file => $"{Path.GetFileName(file)}: {File.ReadAllText(file)}")];
}
