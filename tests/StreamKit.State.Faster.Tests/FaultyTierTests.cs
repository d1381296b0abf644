using StreamKit.Tests.State;

namespace StreamKit.State.Faster.Tests;

/// <summary>
/// The model of tiered state on real stores: random work on state of every kind, keys that leave and come back, cuts that are stored, fail or are given up, crashes, and a disk
/// that fails, stalls and is full. A failure ends the attempt, and the next one goes on from the last stored cut. No answer is ever wrong.
/// </summary>
public class FaultyTierTests
{
    private static readonly int s_firstSeed = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_SEED") ?? "1", null);

    /// <summary>Set for a long run.</summary>
    private static readonly int s_seeds = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_TIER_SEEDS") ?? "8", null);

    [Fact]
    public async Task RandomWork_OnADiskThatFails_IsThatOfDictionaries()
    {
        var (reads, faults, survived) = (0, 0, 0);
        for (var seed = s_firstSeed; seed < s_firstSeed + s_seeds; seed++)
        {
            try
            {
                using var local = new FaultyLocalState(seed);
                using var run = new TieredRun(seed, local) { Batches = 80, IsSurvived = IsFault, Meanwhile = local.Work };
                await run.WorkAsync();
                (reads, faults, survived) = (reads + local.Reads, faults + local.Faults, survived + run.Survived);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed} failed; repeat it with STREAMKIT_SEED={seed} STREAMKIT_TIER_SEEDS=1.", e);
            }
        }

        TestContext.Current.SendDiagnosticMessage($"{s_seeds} seeds: {reads} reads from disk, {faults} faults, {survived} attempts ended by one.");
        Assert.True(s_seeds < 8 || (reads > 1000 && faults > survived && survived > 0), $"{reads} reads, {faults} faults, {survived} attempts ended: the run shows little.");
    }

    /// <summary>A read that comes so short that it brings nothing is taken for the end of the file.</summary>
    private static bool IsFault(Exception failure) =>
        failure is LocalStoreFullException
        || (failure is LocalStoreFailedException { InnerException: IOException cause } && (cause is EndOfStreamException || cause.Message.StartsWith("injected", StringComparison.Ordinal)));
}
