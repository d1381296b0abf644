using StreamKit.State;
using StreamKit.Tests.State.Segments;

namespace StreamKit.Tests.State.Home;

public class HomeTierModelTests
{
    private const int SeedsPerTest = 100;

    public static TheoryData<int> FirstSeeds => [.. Enumerable.Range(0, 20).Select(i => 1 + (i * SeedsPerTest))];

    /// <summary>Several readers at once, while neighbours are merged and their objects deleted, with a cache of any size.</summary>
    [Theory]
    [MemberData(nameof(FirstSeeds))]
    public void Read_RandomKeysOfARandomChain_FindsWhatADictionaryHolds(int firstSeed)
    {
        for (int seed = firstSeed; seed < firstSeed + SeedsPerTest; seed++)
        {
            var random = new Random(seed);
            var chain = new HomeChain(random, seed);
            chain.Executor.RunUntilComplete(async () =>
            {
                await chain.FillAsync();
                Task[] readers = [.. Enumerable.Range(0, 3).Select(_ => chain.Executor.Run(() => ReadAsync(chain, random, seed)))];
                for (int i = random.Next(0, 4); i > 0; i--)
                {
                    await chain.MergeAsync();
                }

                foreach (Task reader in readers)
                {
                    await reader;
                }
            });
        }
    }

    [Theory]
    [MemberData(nameof(FirstSeeds))]
    public void ReadRange_WhileNeighboursAreMerged_GivesTheRowsOfTheState(int firstSeed)
    {
        for (int seed = firstSeed; seed < firstSeed + SeedsPerTest; seed++)
        {
            var random = new Random(seed);
            var chain = new HomeChain(random, seed);
            chain.Executor.RunUntilComplete(async () =>
            {
                await chain.FillAsync();
                Task reader = chain.Executor.Run(() => ReadRangeAsync(chain, random, seed));
                for (int i = random.Next(0, 3); i > 0; i--)
                {
                    await chain.MergeAsync();
                }

                await reader;
            });
        }
    }

    /// <summary>A read that fails leaves everything as it is: the next one of the same batch finds all.</summary>
    [Theory]
    [MemberData(nameof(FirstSeeds))]
    public void Read_StoreFailsNowAndThen_FailsOrFindsAll(int firstSeed)
    {
        for (int seed = firstSeed; seed < firstSeed + SeedsPerTest; seed++)
        {
            var random = new Random(seed);
            var chain = new HomeChain(random, seed);
            chain.Executor.RunUntilComplete(async () =>
            {
                await chain.FillAsync();
                chain.FailsReads = true;
                Task[] readers = [.. Enumerable.Range(0, 3).Select(_ => chain.Executor.Run(() => ReadAsync(chain, random, seed)))];
                foreach (Task reader in readers)
                {
                    await reader;
                }
            });
        }
    }

    private static async Task ReadAsync(HomeChain chain, Random random, int seed)
    {
        int[] stateIds = random.Next(3) switch { 0 => [1], 1 => [1, 0], _ => [0, 1, 7] };
        var batch = new HomeReadBatch(stateIds);
        for (int round = random.Next(1, 6); round > 0; round--)
        {
            batch.Clear();
            for (int i = random.Next(0, 12); i > 0; i--)
            {
                batch.Add(random.Next(HomeChain.KeyGroups), random.Next(8) == 0 ? [] : [(byte)random.Next(3)]);
            }

            await ReadUntilDoneAsync(chain, batch);
            for (int i = 0; i < batch.Count; i++)
            {
                string expected = chain.Expected(batch.KeyGroup(i), batch.Key(i).ToArray(), stateIds);
                Assert.Equal($"seed {seed}, key {i}: {expected}", $"seed {seed}, key {i}: {TextOf(batch, i)}");
            }
        }
    }

    private static async Task ReadUntilDoneAsync(HomeChain chain, HomeReadBatch batch)
    {
        while (true)
        {
            try
            {
                await chain.Tier.ReadAsync(batch, default);
                return;
            }
            catch (StreamKitException) when (chain.FailsReads)
            {
                // The store was away.
            }
        }
    }

    private static string TextOf(HomeReadBatch batch, int key)
    {
        var rows = new List<string>();
        foreach (HomeRow row in batch.Rows(key))
        {
            rows.Add(new TestRow(batch.KeyGroup(key), row.StateId, batch.Key(key).ToArray(), row.SubKey.ToArray(), row.Value.ToArray()).Text);
            CheckGeneration(row.SchemaGeneration, row.Value);
        }

        return string.Join(' ', rows);
    }

    private static async Task ReadRangeAsync(HomeChain chain, Random random, int seed)
    {
        for (int round = 0; round < 3; round++)
        {
            int stateId = random.Next(2);
            int first = random.Next(HomeChain.KeyGroups);
            var keyGroups = new KeyGroupRange(first, random.Next(first - 1, HomeChain.KeyGroups + 1));
            var rows = new List<string>();
            await using (HomeRange range = chain.Tier.ReadRange(stateId, keyGroups))
            {
                while (await range.MoveNextAsync(default))
                {
                    rows.Add(SegmentFixture.ToTestRow(range.Current).Text);
                    CheckGeneration(range.SchemaGeneration, range.Current.Value);
                }
            }

            Assert.Equal($"seed {seed}: {chain.Expected(stateId, keyGroups)}", $"seed {seed}: {string.Join(' ', rows)}");
        }
    }

    private static void CheckGeneration(int generation, ReadOnlySpan<byte> value)
    {
        if (generation != HomeChain.Merged)
        {
            Assert.Equal(value[0], generation);
        }
    }
}
