using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Operators;

public class ScanAndReduceTests
{
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Scan_RandomHistory_EmitsTheRunningTotalOfEachKey(int seed) =>
        await Run(seed, static () => new ScanOperator<long, long, long, SharedSite>(KeySelector<long, long>.Of(static v => v % 10), static () => 1000, static (sum, v) => sum + v), seed: 1000);

    [Theory]
    [InlineData(13)]
    [InlineData(14)]
    public async Task Reduce_RandomHistory_EmitsTheRunningTotalOfEachKey(int seed) =>
        await Run(seed, static () => new ReduceOperator<long, long, SharedSite>(KeySelector<long, long>.Of(static v => v % 10), static (sum, v) => sum + v), seed: 0);

    [Fact]
    public async Task Scan_AccumulatorsInSmallerBatchesThanRecords_EmitsAll()
    {
        await using var harness = new OperatorHarness<long, long, string>(
            static () => new ScanOperator<long, long, string, SharedSite>(KeySelector<long, long>.Of(static v => v % 10), static () => "", static (text, v) => $"{v}"), static v => v % 10, new SerializerRegistry());
        var records = Enumerable.Range(0, BatchPool<long>.Capacity).Select(static i => ((long)i, (long)i)).ToList();
        Assert.True(records.Count > BatchPool<string>.Capacity);

        harness.Send(records);

        Assert.Equal(records.Select(static record => ($"{record.Item1}", record.Item2)), harness.Output.Records);
    }

    [Fact]
    public async Task Scan_BatchWithWatermarkAndBarrier_PassesBothOn()
    {
        await using var harness = new OperatorHarness<long, long, long>(
            static () => new ScanOperator<long, long, long, SharedSite>(KeySelector<long, long>.Of(static v => v % 10), static () => 0, static (sum, v) => sum + v), static v => v % 10, new SerializerRegistry());

        harness.Send(5, 50);
        harness.Watermark(49);
        var snapshot = harness.Cut().Write();

        Assert.Equal([49L], harness.Output.Watermarks);
        Assert.IsType<CheckpointBarrier>(Assert.Single(harness.Output.Controls));
        Assert.Equal(49, snapshot.Watermark);
        Assert.Single(snapshot.Rows);
    }

    [Fact]
    public async Task Scan_FoldThrows_FailsNamingTheRecord()
    {
        await using var harness = new OperatorHarness<long, long, long>(
            static () => new ScanOperator<long, long, long, SharedSite>(KeySelector<long, long>.Of(static v => v), static () => 0, static (_, v) => 10 / (v - 3)), static v => v, new SerializerRegistry());

        var error = Assert.ThrowsAny<StreamKitException>(() => harness.Send([(1, 1), (3, 2)]));

        Assert.Contains("record 3", error.Message, StringComparison.Ordinal);
    }

    private static async Task Run(int randomSeed, Func<Operator<long, long>> factory, long seed)
    {
        var random = new Random(randomSeed);
        await using var harness = new OperatorHarness<long, long, long>(factory, static v => v % 10, new SerializerRegistry());
        var totals = new Dictionary<long, long>();
        var expected = new List<(long Key, long Total)>();
        for (var step = 0; step < 100; step++)
        {
            var records = Enumerable.Range(0, random.Next(1, 40)).Select(_ => (random.NextInt64(1000), random.NextInt64(1000))).ToList();
            harness.Send(records);
            foreach (var (value, _) in records)
            {
                var key = value % 10;
                totals[key] = totals.GetValueOrDefault(key, seed) + value;
                expected.Add((key, totals[key]));
            }

            harness.Restore(harness.Cut().Write(), random.Next(1, 4));
        }

        Assert.Equal(expected.Select(static e => e.Total).Order(), harness.Output.Values.Order());
    }
}
