using System.Diagnostics;
using System.Globalization;

namespace StreamKit.EndToEnd.Tests;

/// <summary>
/// Processes of the sample killed with <c>kill -9</c> at random instants and started again with another parallelism: in the end the output is that of a run that was never killed,
/// and at no time does it hold a line too many. STREAMKIT_KILL_SEED repeats a run's choices, STREAMKIT_KILLS sets the number of kills of each test.
/// </summary>
public class KillTests(ITestOutputHelper output)
{
    private static readonly int[] _parallelisms = [1, 2, 4];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Job_KilledWhileItRuns_GivesTheOutputOfARunThatWasNot(int firstParallelism) =>
        KillAsync(firstParallelism, kills: 10, count: 12_000, ["--rate", "2500", "--checkpoint-interval", "0.2"], latestKill: TimeSpan.FromSeconds(1.8));

    /// <summary>At full speed a run hardly lasts longer than its start and its end: these kills hit restoring, the last windows, the final checkpoint and its commit.</summary>
    [Fact]
    public Task Job_KilledAtItsStartAndEnd_GivesTheOutputOfARunThatWasNot() =>
        KillAsync(firstParallelism: 2, kills: 12, count: 12_000, ["--checkpoint-interval", "0.05"], latestKill: TimeSpan.FromSeconds(1));

    private async Task KillAsync(int firstParallelism, int kills, int count, string[] options, TimeSpan latestKill)
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_KILL_SEED") ?? $"{Environment.TickCount}", CultureInfo.InvariantCulture);
        kills = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_KILLS") ?? $"{kills}", CultureInfo.InvariantCulture);
        output.WriteLine($"seed {seed}: STREAMKIT_KILL_SEED={seed} repeats these choices");
        var random = new Random(seed);

        var (done, parallelism, hits) = (0, firstParallelism, 0);
        do
        {
            using var sample = new Sample();
            new FraudInput(random.Next()).Write(sample.Input, count, cards: 30);
            var expected = FraudOracle.Alerts(sample.Input);
            while (done < kills)
            {
                var before = sample.NewestLogEntry();
                var process = sample.Start([.. options, "--parallelism", $"{parallelism}"]);
                var (isNow, name) = Instant(random, sample, process, latestKill);
                if (!await IsKilledAsync(process, isNow))
                    break;
                done++;
                var committed = sample.Alerts();
                hits += sample.NewestLogEntry() > before + 1 ? 1 : 0;
                output.WriteLine($"kill {done} {name} at parallelism {parallelism}: log entries {before} to {sample.NewestLogEntry()}, {committed.Length} of {expected.Length} lines committed");
                Assert.Empty(Surplus(committed, expected));
                parallelism = _parallelisms[(Array.IndexOf(_parallelisms, parallelism) + 1 + random.Next(2)) % 3];
            }

            await sample.Start("--parallelism", $"{parallelism}").FinishAsync();
            Assert.Equal(expected, sample.Alerts());
            Assert.DoesNotContain(Directory.GetFiles(sample.Output), file => Path.GetFileName(file)[0] == '.');
        }
        while (done < kills);

        output.WriteLine($"{done} kills, {hits} of them after a checkpoint");
    }

    /// <summary>When to kill: some time after the start of the process or of the job, or in the moment in which a checkpoint has been written and its files are being committed.</summary>
    private static (Func<bool> IsNow, string Name) Instant(Random random, Sample sample, SampleProcess process, TimeSpan latest)
    {
        var kind = random.Next(6);
        var delay = latest * random.NextDouble();
        var time = kind == 0 ? Stopwatch.StartNew() : new Stopwatch();
        if (kind == 0)
            return (() => time.Elapsed >= delay, $"{delay.TotalMilliseconds:0} ms after the start of the process");
        if (kind > 2)
        {
            var entry = sample.NewestLogEntry() + 1 + random.Next(1, 4); // the first is the claim
            return (() => sample.NewestLogEntry() >= entry, $"at log entry {entry}");
        }

        return (IsDelayOver, $"{delay.TotalMilliseconds:0} ms after the start of the job");

        bool IsDelayOver()
        {
            if (!time.IsRunning && process.Output.Contains(" starts with ", StringComparison.Ordinal))
                time.Start();
            return time.Elapsed >= delay && time.IsRunning;
        }
    }

    /// <summary>Kills the process at an instant, unless it ends before, which it then must have done well.</summary>
    private static async Task<bool> IsKilledAsync(SampleProcess process, Func<bool> isNow)
    {
        while (!process.HasExited && !isNow())
            await Task.Delay(1);
        if (!process.HasExited)
        {
            await process.KillAsync();
            // It may have ended by itself in the last instant.
            if (await process.ExitAsync() != 0)
                return true;
        }

        await process.FinishAsync();
        return false;
    }

    /// <summary>The lines that are there more often than expected.</summary>
    private static List<string> Surplus(string[] lines, string[] expected)
    {
        var left = expected.CountBy(static line => line).ToDictionary();
        return [.. lines.Where(line => (left[line] = left.GetValueOrDefault(line) - 1) < 0)];
    }
}
