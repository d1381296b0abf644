using StreamKit.State;

namespace StreamKit.Tests.State;

/// <summary>
/// Random work on state of every kind whose memory is far too small for it, beside plain dictionaries; with cuts that are stored, fail, or are given up, and
/// crashes that go back to the last stored one, at another parallelism.
/// </summary>
public class ResidencyModelTests
{
    private static readonly int _firstSeed = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_SEED") ?? "1");
    private static readonly int _seeds = int.Parse(Environment.GetEnvironmentVariable("STREAMKIT_TIER_SEEDS") ?? "40");

    [Fact]
    public Task RandomWork_WithLittleMemory_IsThatOfDictionaries() => RunAsync(static seed => new InMemoryLocalState(hotBytes: 1 << 10));

    [Fact]
    public Task RandomWork_ReadFromSegmentsOnDemand_IsThatOfDictionaries() => RunAsync(static seed => new InMemoryLocalState(hotBytes: 1 << 10, dropsBySeed: seed));

    [Fact]
    public Task RandomWork_ReadFromSegmentsAndAllInMemory_IsThatOfDictionaries() => RunAsync(static _ => null);

    private static async Task RunAsync(Func<int, InMemoryLocalState?> makeLocal)
    {
        for (int seed = _firstSeed; seed < _firstSeed + _seeds; seed++)
        {
            try
            {
                using var local = makeLocal(seed);
                using var run = new TieredRun(seed, local);
                await run.WorkAsync();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed} failed; repeat it with STREAMKIT_SEED={seed}.", e);
            }
        }
    }
}
