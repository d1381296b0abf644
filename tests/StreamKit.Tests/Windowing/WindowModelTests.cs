using StreamKit.Operators;
using StreamKit.State;
using StreamKit.Tests.State;
using StreamKit.Tests.TestSupport;
using StreamKit.Windowing;

namespace StreamKit.Tests.Windowing;

/// <summary>Random histories of records, watermarks, cuts and restores, against <see cref="WindowOracle"/>.</summary>
public class WindowModelTests
{
    private const int Keys = 7;

    private static readonly OutputTag<long> s_late = new("late");

    public static TheoryData<int, int, int, int, int> Shapes => new()
    {
        // seed, size, slide, offset, allowed lateness
        { 1, 100, 100, 0, 0 },
        { 2, 100, 100, 0, 60 },
        { 3, 100, 100, 30, 500 },
        { 4, 100, 100, -30, 0 },
        { 5, 100, 20, 0, 0 },
        { 6, 100, 20, 7, 90 },
        { 7, 100, 30, 0, 0 },
        { 8, 100, 30, -1, 250 },
        { 9, 70, 30, 0, 10 },
        { 10, 50, 80, 0, 0 },
        { 11, 50, 80, 15, 100 },
        { 12, 1, 1, 0, 5 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Reduce_RandomHistory_GivesWhatAnOracleSays(int seed, int size, int slide, int offset, int lateness)
    {
        var settings = Settings(size, slide, offset, lateness);
        await Run(seed, settings, () => Operator<long, ReduceWindow<long, long, Result>>(settings, new((sum, value) => sum + value, Result.Of)), static values => values.Sum());
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Aggregate_RandomHistoryWithObjectsAsAccumulators_GivesWhatAnOracleSays(int seed, int size, int slide, int offset, int lateness)
    {
        var settings = Settings(size, slide, offset, lateness);
        await Run(seed, settings, () => Operator<Box, AggregateWindow<long, long, Box, long, Result>>(settings, new(new SumInBox(), Result.Of)), static values => values.Sum());
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Process_RandomHistory_GivesWhatAnOracleSays(int seed, int size, int slide, int offset, int lateness)
    {
        var settings = Settings(size, slide, offset, lateness);
        await Run(seed, settings, () => Operator<ListCell<long>, ProcessWindow<long, long, Result>>(settings, new(() => new Digest(isOrdered: size == slide))), values => Digest.Of(values, size == slide));
    }

    private static Operator<long, Result> Operator<TAcc, TFunction>(WindowSettings<long> settings, TFunction function)
        where TFunction : struct, IWindowFunction<long, long, TAcc, Result> =>
        new WindowOperator<long, long, TAcc, Result, TFunction, SharedSite>(KeyOf, settings, function);

    private static WindowSettings<long> Settings(int size, int slide, int offset, int lateness) => new(new WindowLayout(size, slide, offset), lateness, s_late);

    private static long KeyOf(long value) => value % Keys;

    private static async Task Run(int seed, WindowSettings<long> settings, Func<Operator<long, Result>> factory, Func<IReadOnlyList<long>, long> result)
    {
        var random = new Random(seed);
        var late = new SideProbe<long>(s_late);
        await using var harness = new OperatorHarness<long, long, Result>(factory, KeyOf, new SerializerRegistry(), late);
        var oracle = new WindowOracle(settings.Layout.Size, settings.Layout.Slide, settings.Layout.Offset, settings.AllowedLateness);
        var (watermark, next) = (-2000L, 1L);
        HarnessCut? pending = null;
        for (var step = 0; step < 120; step++)
        {
            switch (random.Next(8))
            {
                case < 4:
                    var records = new List<(long Value, long Timestamp)>();
                    for (var i = random.Next(1, 30); i > 0; i--)
                        records.Add((next++, watermark + random.Next(-300, 200)));
                    harness.Send(records);
                    foreach (var (value, timestamp) in records)
                        oracle.Add(KeyOf(value), value, timestamp);
                    break;
                case < 6:
                    watermark += random.Next(1, 130);
                    harness.Watermark(watermark);
                    oracle.Watermark(watermark);
                    break;
                case 6:
                    pending ??= harness.Cut();
                    break;
                default:
                    var snapshot = (pending ?? harness.Cut()).Write();
                    if (pending is null)
                        harness.Restore(snapshot, random.Next(1, 4));
                    pending = null;
                    break;
            }

            AssertSame(oracle, harness.Output.Records, result, $"seed {seed}, step {step}");
            Assert.True(oracle.Late.Order().SequenceEqual(late.Values.Order()), $"late records differ: seed {seed}, step {step}");
        }

        harness.Watermark(long.MaxValue);
        oracle.Watermark(long.MaxValue);
        AssertSame(oracle, harness.Output.Records, result, $"seed {seed}, end");
    }

    /// <summary>Key by key in order; what order keys fire in is not defined.</summary>
    private static void AssertSame(WindowOracle oracle, List<(Result Value, long Timestamp)> actual, Func<IReadOnlyList<long>, long> result, string where)
    {
        Assert.All(actual, static record => Assert.Equal(record.Value.End - 1, record.Timestamp));
        var expected = oracle.Fired.Select(fired => new Result(fired.Key, fired.End, result(fired.Values))).OrderBy(static fired => fired.Key).ToList();
        Assert.True(expected.SequenceEqual(actual.Select(static record => record.Value).OrderBy(static fired => fired.Key)), where);
    }

    internal readonly record struct Result(long Key, long End, long Value)
    {
        public static Result Of(long key, TimeWindow window, long value) => new(key, window.EndMilliseconds, value);
    }

    /// <summary>An accumulator that changes in place, and a merge that would spoil a shared slice if it were given one.</summary>
    private sealed class SumInBox : AggregateFunction<long, Box, long>
    {
        public override Box CreateAccumulator() => new();

        public override Box Add(Box accumulator, long value)
        {
            accumulator.Content += (int)value;
            return accumulator;
        }

        public override long GetResult(Box accumulator) => accumulator.Content;

        public override Box Merge(Box left, Box right)
        {
            left.Content += right.Content;
            return left;
        }
    }

    /// <summary>Reduces elements to a number that depends on each of them, and on their order where that is defined.</summary>
    private sealed class Digest(bool isOrdered) : ProcessWindowFunction<long, long, Result>
    {
        private ValueState<long> _seen = null!;

        public static long Of(IReadOnlyList<long> elements, bool isOrdered)
        {
            var digest = 17L;
            foreach (var element in isOrdered ? elements : [.. elements.Order()])
                digest = unchecked((digest * 31) + element);
            return digest;
        }

        public override void Open(OperatorContext context) => _seen = context.State.Value<long>("windows");

        public override void Process(long key, TimeWindow window, IReadOnlyList<long> elements, Context context)
        {
            Assert.All(elements, element => Assert.Equal(key, KeyOf(element)));
            _seen.Value++;
            context.Collect(new Result(key, window.EndMilliseconds, Of(elements, isOrdered)));
        }
    }
}
