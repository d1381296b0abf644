using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Operators;

/// <summary>Struct functions in a row run as one loop; nobody may notice but by the clock.</summary>
public class FusedLoopTests
{
    private const int Records = 3_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chain_OfStructs_GivesResultsTimestampsAndCountsOfOneOfDelegates(bool structs)
    {
        var results = new List<(long Value, long Timestamp)>();
        var builder = StreamJob.CreateBuilder("fused");
        builder.Parallelism = 1;
        var numbers = builder.FromSource("numbers", Source.FromCollection(Enumerable.Range(0, Records).Select(static x => (long)x)))
            .AssignTimestampsAndWatermarks(w => w.Monotonous().WithTimestamp(static x => x * 10));
        var chain = structs
            ? numbers.Map<AddThree, long>(default, "add").Map<ToText, string>(default, "text").Map<Length, long>(default, "length").Filter(new MultipleOf(2), "even")
                .Map<AddThree, long>(default, "again").Filter(new MultipleOf(1), "all")
            : numbers.Map(static x => x + 3, "add").Map(static x => $"{x}", "text").Map(static x => (long)x.Length, "length").Filter(static x => x % 2 == 0, "even")
                .Map(static x => x + 3, "again").Filter(static _ => true, "all");
        chain.Process("take", () => new Take()).SinkTo("results", new ActionSink<(long, long)>(results.Add));

        await using var job = builder.Build();
        await job.RunAsync(TestContext.Current.CancellationToken);

        var expected = Enumerable.Range(0, Records).Select(static x => ((long)$"{x + 3}".Length, x * 10L)).Where(static x => x.Item1 % 2 == 0).Select(static x => (x.Item1 + 3, x.Item2));
        Assert.Equal(expected, results);
        var kept = results.Count;
        foreach (var (name, taken, given) in new[] { ("add", Records, Records), ("text", Records, Records), ("length", Records, Records), ("even", Records, kept), ("again", kept, kept), ("all", kept, kept) })
        {
            var metrics = job.GetMetrics().Operator(name);
            Assert.Equal((name, taken, given), (name, (int)metrics.RecordsIn, (int)metrics.RecordsOut));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Function_ThatThrowsInAFusedLoop_NamesItsOperatorAndTheRecordItWasGiven(int where)
    {
        var builder = StreamJob.CreateBuilder("failing");
        builder.Parallelism = 1;
        builder.FromSource("numbers", Source.FromCollection(Enumerable.Range(0, 2_000).Select(static x => (long)x)))
            .Map<ThrowAt, long>(new ThrowAt(where == 1 ? 777 : -1), "first")
            .Map<ThrowAt, long>(new ThrowAt(where == 2 ? 778 : -1), "second")
            .Filter(new ThrowAt(where == 3 ? 779 : -1), "third")
            .SinkTo("ignored", Sink.Discard<long>());
        await using var job = builder.Build();

        var failure = await Assert.ThrowsAsync<JobFailedException>(() => job.RunAsync(TestContext.Current.CancellationToken));

        Assert.Contains(new[] { "", "'first'", "'second'", "'third'" }[where], failure.Message, StringComparison.Ordinal);
        Assert.Contains($"on record {776 + where}:", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Function_ThatThrowsOnceOnly_IsExplainedByTheLastOperatorOfTheLoop()
    {
        ThrowOnce.Thrown = false;
        var builder = StreamJob.CreateBuilder("failing");
        builder.Parallelism = 1;
        builder.FromSource("numbers", Source.FromCollection(Enumerable.Range(0, 10).Select(static x => (long)x)))
            .Map<ThrowOnce, long>(default, "first")
            .Map<AddThree, long>(default, "second")
            .SinkTo("ignored", Sink.Discard<long>());
        await using var job = builder.Build();

        var failure = await Assert.ThrowsAsync<JobFailedException>(() => job.RunAsync(TestContext.Current.CancellationToken));

        Assert.Contains("only once", failure.ToString(), StringComparison.Ordinal);
        Assert.Contains("'second'", failure.Message, StringComparison.Ordinal);
    }

    private readonly struct AddThree : IMapFunction<long, long>
    {
        public long Map(long value) => value + 3;
    }

    private readonly struct ToText : IMapFunction<long, string>
    {
        public string Map(long value) => $"{value}";
    }

    private readonly struct Length : IMapFunction<string, long>
    {
        public long Map(string value) => value.Length;
    }

    private readonly struct MultipleOf(long divisor) : IFilterFunction<long>
    {
        public bool Keep(long value) => value % divisor == 0;
    }

    private readonly struct ThrowAt(long bad) : IMapFunction<long, long>, IFilterFunction<long>
    {
        public long Map(long value) => value == bad ? throw new InvalidOperationException("the function failed") : value + 1;

        public bool Keep(long value) => Map(value) > 0;
    }

    private readonly struct ThrowOnce : IMapFunction<long, long>
    {
        public static bool Thrown { get; set; }

        public long Map(long value)
        {
            if (Thrown)
                return value;
            Thrown = true;
            throw new InvalidOperationException("only once");
        }
    }

    private sealed class Take : ProcessFunction<long, (long, long)>
    {
        public override void Process(long value, Context context) => context.Collect((value, context.Timestamp));
    }
}
