using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Operators;

public class StructFunctionTests
{
    [Fact]
    public async Task MapAndFilter_OfStructs_GiveWhatDelegatesGive()
    {
        var results = new List<string>();
        var builder = StreamJob.CreateBuilder("structs");
        builder.Parallelism = 1;
        builder.FromSource("numbers", Source.Range(0, 2_000))
            .AssignTimestampsAndWatermarks(w => w.Monotonous().WithTimestamp(x => x))
            .Map<AddThree, long>(default)
            .Filter(new MultipleOf(7))
            .Map<ToText, string>(default)
            .SinkTo("results", new ActionSink<string>(results.Add));

        await using var job = builder.Build();
        await job.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(0, 2_000).Select(x => x + 3).Where(x => x % 7 == 0).Select(x => $"{x}"), results.OrderBy(long.Parse)); // the range has several splits
    }

    [Theory]
    [InlineData("map struct")]
    [InlineData("map delegate")]
    [InlineData("filter struct")]
    [InlineData("filter delegate")]
    [InlineData("key")]
    [InlineData("scan")]
    [InlineData("sink")]
    public async Task Function_ThatThrows_NamesTheRecordItWasGiven(string where)
    {
        const int Bad = 777;
        var builder = StreamJob.CreateBuilder("failing");
        builder.Parallelism = 1;
        var numbers = builder.FromSource("numbers", Source.Range(0, 2_000));
        var output = where switch
        {
            "map struct" => numbers.Map<ThrowAt, long>(new ThrowAt(Bad)),
            "map delegate" => numbers.Map(x => Check(x, Bad)),
            "filter struct" => numbers.Filter(new ThrowAt(Bad)),
            "filter delegate" => numbers.Filter(x => Check(x, Bad) % 2 == 1),
            "key" => numbers.KeyBy(x => Check(x, Bad)).Scan("last", () => 0L, (_, x) => x),
            "scan" => numbers.KeyBy(x => x % 10).Scan("last", () => 0L, (_, x) => Check(x, Bad)),
            _ => numbers,
        };
        output.SinkTo("check", new ActionSink<long>(x => Check(x, where == "sink" ? Bad : -1)));
        await using var job = builder.Build();

        var failure = await Assert.ThrowsAsync<JobFailedException>(() => job.RunAsync(TestContext.Current.CancellationToken));

        Assert.Contains($"on record {Bad}:", failure.ToString(), StringComparison.Ordinal);
    }

    private static long Check(long value, long bad) => value == bad ? throw new InvalidOperationException("the function failed") : value;

    private readonly struct AddThree : IMapFunction<long, long>
    {
        public long Map(long value) => value + 3;
    }

    private readonly struct ToText : IMapFunction<long, string>
    {
        public string Map(long value) => $"{value}";
    }

    private readonly struct MultipleOf(long divisor) : IFilterFunction<long>
    {
        public bool Keep(long value) => value % divisor == 0;
    }

    private readonly struct ThrowAt(long bad) : IMapFunction<long, long>, IFilterFunction<long>
    {
        public long Map(long value) => Check(value, bad);

        public bool Keep(long value) => Check(value, bad) % 2 == 1;
    }
}
