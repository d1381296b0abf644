namespace StreamKit.Tests.State.Segments;

/// <summary>What a job writes from checkpoint to checkpoint.</summary>
/// <param name="Name">Names it in the test's output.</param>
/// <param name="Amplification">What it may cost: bytes written per byte that checkpoints write.</param>
/// <param name="BlindAmplification">What it may cost while nothing is known of what rows have in common.</param>
/// <param name="Space">What it may take: bytes in force per living byte.</param>
/// <param name="Next">The rows of the next checkpoint, given the keys that live: key to whether it lives afterwards.</param>
internal sealed record MergeWorkload(string Name, double Amplification, double BlindAmplification, double Space, Func<Random, HashSet<int>, Dictionary<int, bool>> Next)
{
    private const int Keys = 10_000;

    public static IReadOnlyList<MergeWorkload> All { get; } =
    [
        new("uniform updates of 1%", 4, 4, 2.2, (random, living) => Updates(random, living, 100)),
        new("uniform updates of 0.1%", 4, 4, 2.2, (random, living) => Updates(random, living, 10)),
        new("uniform updates of 10%", 4, 4, 2.2, (random, living) => Updates(random, living, 1_000)),
        new("all keys every time", 4, 4, 2.2, (_, _) => Rows(Enumerable.Range(0, 500))),
        new("updates like Zipf's law", 4, 4, 2.2, Zipf),
        new("a few hot keys", 4, 4, 2.2, (random, living) => living.Count < Keys ? Fill() : Rows(Enumerable.Range(0, 20))),
        new("appended only", 3.5, 4, 2.2, (random, living) => Rows(Enumerable.Range(living.Count, 20))),
        new("growing and updated", 4, 4, 2.2, (random, living) => Growing(random, living, 40, 60)),
        new("growing, in the end updated only", 4, 4, 2.2, (random, living) => living.Count < 30_000 ? Growing(random, living, 100, 0) : Growing(random, living, 0, 200)),
        new("bursts", 4, 4, 2.2, (random, living) => Updates(random, living, random.Next(20) == 0 ? 2_000 : 20)),
        new("churn with tombstones", 4, 4, 2.2, (random, living) => Churn(random, living, 50, 50)),
        new("churn and updates", 4, 4, 2.2, (random, living) => Updates(random, living, 50).Concat(Churn(random, living, 20, 20)).DistinctBy(row => row.Key).ToDictionary()),
        new("deletions until little is left", 4, 4, 2.2, (random, living) => living.Count < 1_000 ? Fill() : Churn(random, living, 0, 50)),
        new("tiny state", 4, 4, 2.2, (random, living) => living.Count < 20 ? Rows(Enumerable.Range(0, 20)) : Rows(Enumerable.Range(0, 5))),
    ];

    private static Dictionary<int, bool> Fill() => Rows(Enumerable.Range(0, Keys));

    private static Dictionary<int, bool> Rows(IEnumerable<int> keys) => keys.Distinct().ToDictionary(key => key, _ => true);

    private static Dictionary<int, bool> Updates(Random random, HashSet<int> living, int count) =>
        living.Count < Keys / 2 ? Fill() : Rows(Enumerable.Range(0, count).Select(_ => random.Next(Keys)));

    private static Dictionary<int, bool> Growing(Random random, HashSet<int> living, int added, int updated) =>
        Rows(Enumerable.Range(living.Count, added).Concat(Enumerable.Range(0, updated).Select(_ => random.Next(living.Count + 1))));

    private static Dictionary<int, bool> Zipf(Random random, HashSet<int> living) =>
        living.Count < Keys / 2 ? Fill() : Rows(Enumerable.Range(0, 300).Select(_ => (int)Math.Min(Keys - 1, Math.Exp(random.NextDouble() * Math.Log(Keys)))));

    private static Dictionary<int, bool> Churn(Random random, HashSet<int> living, int added, int deleted)
    {
        if (living.Count == 0)
        {
            return Fill();
        }

        int[] keys = [.. living];
        Dictionary<int, bool> rows = Rows(Enumerable.Range(0, added).Select(_ => random.Next(int.MaxValue)));
        for (int i = 0; i < deleted; i++)
        {
            rows[keys[random.Next(keys.Length)]] = false;
        }

        return rows;
    }
}
