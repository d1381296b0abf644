using StreamKit.Runtime;

namespace StreamKit.Tests.Runtime;

public class VirtualTimeTests
{
    private static readonly DateTimeOffset s_start = new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Delay_OfADay_TakesNoRealTimeAndADayOfVirtualTime()
    {
        var simulation = new SimulatedExecutor(1, s_start);

        simulation.RunUntilComplete(() => Task.Delay(TimeSpan.FromDays(1), simulation.Time));

        Assert.Equal(s_start.AddDays(1), simulation.Time.GetUtcNow());
    }

    [Fact]
    public void Run_WithOneSeed_InterleavesAlwaysTheSame()
    {
        Assert.Equal(Interleaving(7), Interleaving(7));
        Assert.NotEqual(Interleaving(7), Interleaving(8));
    }

    [Fact]
    public void RunUntilComplete_WhenNothingCanHappen_SaysSoWithTheSeed()
    {
        var simulation = new SimulatedExecutor(3, s_start);

        var error = Assert.Throws<StreamKitException>(() => simulation.RunUntilComplete(() => new TaskCompletionSource().Task));

        Assert.Contains("seed 3", error.Message, StringComparison.Ordinal);
    }

    private static string Interleaving(ulong seed)
    {
        var simulation = new SimulatedExecutor(seed, s_start);
        var log = new System.Text.StringBuilder();
        simulation.RunUntilComplete(() => Task.WhenAll(Enumerable.Range(0, 4).Select(async each =>
        {
            for (var step = 0; step < 8; step++)
            {
                await Task.Yield();
                log.Append(each);
            }
        })));
        return log.ToString();
    }
}
