using System.Globalization;

namespace StreamKit.EndToEnd.Tests;

/// <summary>
/// Processes of the sample that take one savepoint after the other, killed with <c>kill -9</c> while one is being written: it is complete or none, and the job itself goes on as if nothing
/// had been. STREAMKIT_KILL_SEED repeats a run's choices.
/// </summary>
public class SavepointKillTests(ITestOutputHelper output)
{
    private const string Entry = "savepoint";
    private const int Kills = 4;

    [Fact]
    public async Task Job_KilledWhileItTakesASavepoint_LeavesAWholeOneOrNone()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_KILL_SEED") ?? $"{Environment.TickCount}", CultureInfo.InvariantCulture);
        output.WriteLine($"seed {seed}: STREAMKIT_KILL_SEED={seed} repeats these choices");
        var random = new Random(seed);
        using var sample = new Sample();
        // So many cards that their state does not fit into the savepoint's last file, and others are written before it.
        new FraudInput(random.Next()).Write(sample.Input, count: 20_000, cards: 5_000);
        var expected = FraudOracle.Alerts(sample.Input);
        var folder = Path.Combine(sample.Folder, "savepoints");
        Directory.CreateDirectory(folder);

        List<string> hit = [];
        for (var kill = 0; kill < Kills; kill++)
        {
            var process = sample.Start("--rate", "2000", "--checkpoint-interval", "0.1", "--parallelism", $"{1 + random.Next(3)}", "--savepoints", folder);
            await Sample.UntilAsync(() => process.Output.Contains(" starts with ", StringComparison.Ordinal), process);
            // Slow motion: it is looked at while it stands still, so nothing that lasts some milliseconds is missed.
            string? half = null;
            while (half is null && !process.HasExited)
            {
                process.Thaw();
                await Task.Delay(1);
                process.Freeze();
                half = Directory.GetDirectories(folder).FirstOrDefault(each => !File.Exists(Path.Combine(each, Entry)) && !hit.Contains(each) && Directory.EnumerateFiles(each, "*", SearchOption.AllDirectories).Any());
            }

            if (half is null)
                break;
            hit.Add(half);
            if (kill == 0)
            {
                // Once a moment later, where it may be whole.
                process.Thaw();
                await Task.Delay(random.Next(3));
            }

            await process.KillAsync();
        }

        await sample.Start("--parallelism", "2").FinishAsync();
        Assert.Equal(expected, sample.Alerts());

        var (whole, none) = (0, 0);
        foreach (var savepoint in hit.Concat(Directory.GetDirectories(folder).Except(hit).Take(1)))
        {
            var isWhole = File.Exists(Path.Combine(savepoint, Entry));
            using var next = new Sample { Input = sample.Input };
            var process = next.Start("--parallelism", $"{1 + random.Next(3)}", "--from", savepoint);
            if (!isWhole)
            {
                none++;
                Assert.Equal(1, await process.ExitAsync());
                Assert.Contains("There is no savepoint", process.Error, StringComparison.Ordinal);
                Assert.Empty(next.Alerts());
                continue;
            }

            whole++;
            await process.FinishAsync();
            Assert.Empty(next.Alerts().Except(expected));
            Assert.Equal(next.Alerts().Distinct().Count(), next.Alerts().Length);
        }

        output.WriteLine($"{whole} savepoints are whole, {none} are none");
        Assert.True(whole > 0 && none > 0, $"{whole} savepoints are whole, {none} are none: kills hit nothing.");
    }
}
