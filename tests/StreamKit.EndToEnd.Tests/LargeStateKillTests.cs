using System.Globalization;

namespace StreamKit.EndToEnd.Tests;

/// <summary>
/// A process whose state is several times its memory, most of it in a local store on disk, killed with <c>kill -9</c> at random instants and started again with another parallelism:
/// in the end each key has its one line, with what all of its visits came to. STREAMKIT_KILL_SEED repeats a run's choices, STREAMKIT_KILLS sets the number of kills.
/// </summary>
public class LargeStateKillTests(ITestOutputHelper output)
{
    private const int Keys = 50_000;
    private const int VisitsPerKey = 3;

    private static readonly int[] _parallelisms = [1, 2, 4];

    [Fact]
    public async Task Job_WithStateBeyondMemoryThatIsKilled_WritesEachKeyOnce()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_KILL_SEED") ?? $"{Environment.TickCount}", CultureInfo.InvariantCulture);
        var kills = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_KILLS") ?? "6", CultureInfo.InvariantCulture);
        output.WriteLine($"seed {seed}: STREAMKIT_KILL_SEED={seed} repeats these choices");
        var random = new Random(seed);
        using var sample = new Sample("LargeState");
        var state = Path.Combine(sample.Folder, "state");
        var (parallelism, spilled) = (2, 0L);
        for (var kill = 1; kill <= kills; kill++)
        {
            var process = Start(sample, state, parallelism);
            var before = sample.NewestLogEntry();
            var checkpoints = random.Next(1, 4);
            await Sample.UntilAsync(() => process.HasExited || sample.NewestLogEntry() > before + checkpoints, process);
            await Task.Delay(random.Next(200), TestContext.Current.CancellationToken);
            if (process.HasExited)
                break;
            await process.KillAsync();
            var onDisk = Directory.GetFiles(state, "*", SearchOption.AllDirectories).Sum(static file => new FileInfo(file).Length);
            spilled = Math.Max(spilled, onDisk);
            var lines = sample.Alerts();
            output.WriteLine($"kill {kill} at parallelism {parallelism}: log entries {before} to {sample.NewestLogEntry()}, {onDisk} bytes of state on disk, {lines.Length} lines committed");
            Assert.Equal(lines.Distinct(), lines);
            parallelism = _parallelisms[random.Next(3)];
        }

        await Start(sample, state, parallelism).FinishAsync();

        Assert.Equal(Enumerable.Range(0, Keys).Select(Line).Order(StringComparer.Ordinal), sample.Alerts());
        Assert.True(spilled > 1 << 20, $"At most {spilled} bytes of state were on disk.");
        // Who comes clears what the dead left, but for blocks of checkpoints: those are for the next start.
        var left = Directory.GetFiles(state, "*", SearchOption.AllDirectories).Where(static file => !Path.GetFileName(Path.GetDirectoryName(file)!).StartsWith("blocks-", StringComparison.Ordinal)); // in a folder
        Assert.All(left, static file => Assert.Equal("owner", Path.GetFileName(file)));
    }

    private static SampleProcess Start(Sample sample, string state, int parallelism) =>
        sample.Start("--state", state, "--keys", $"{Keys}", "--parallelism", $"{parallelism}");

    private static string Line(int key)
    {
        var sum = Enumerable.Range(0, VisitsPerKey).Sum(visit => key + ((long)visit * Keys));
        return $$"""{"key":{{key}},"count":{{VisitsPerKey}},"sum":{{sum}},"text":"{{new string('x', 150)}}{{key}}"}""";
    }
}
