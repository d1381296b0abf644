using StreamKit.Operators;
using StreamKit.State;
using StreamKit.Tests.State;
using StreamKit.Tests.TestSupport;
using StreamKit.Windowing;

namespace StreamKit.Tests.Windowing;

/// <summary>Random histories of records and watermarks, run plain, with cuts and restores now and then, and restored at every step, against <see cref="WindowOracle"/>.</summary>
public class WindowModelTests
{
    private const int Keys = 7;
    private const int Steps = 120;

    private static readonly OutputTag<long> s_late = new("late");

    public static TheoryData<int, int, int, int, int, bool> Shapes => new()
    {
        // seed, size, slide, offset, allowed lateness, whether late records go to a side output rather than being counted
        { 1, 100, 100, 0, 0, true },
        { 2, 100, 100, 0, 60, false },
        { 3, 100, 100, 30, 500, true },
        { 4, 100, 100, -30, 0, false },
        { 5, 100, 20, 0, 0, true },
        { 6, 100, 20, 7, 90, true },
        { 7, 100, 30, 0, 0, false },
        { 8, 100, 30, -1, 250, false },
        { 9, 70, 30, 0, 10, true },
        { 10, 50, 80, 0, 0, false },
        { 11, 50, 80, 15, 100, true },
        { 12, 1, 1, 0, 5, true },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Reduce_RandomHistoryPlainAndRestored_GivesWhatAnOracleSays(int seed, int size, int slide, int offset, int lateness, bool lateAside)
    {
        var settings = Settings(size, slide, offset, lateness, lateAside);
        await Run(seed, settings, () => Operator<long, ReduceWindow<long, long, Result>>(settings, new((sum, value) => sum + value, Result.Of)), static (values, _) => values.Sum());
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Aggregate_RandomHistoryWithObjectsAsAccumulatorsPlainAndRestored_GivesWhatAnOracleSays(int seed, int size, int slide, int offset, int lateness, bool lateAside)
    {
        var settings = Settings(size, slide, offset, lateness, lateAside);
        await Run(seed, settings, () => Operator<Box, AggregateWindow<long, long, Box, long, Result>>(settings, new(new SumInBox(), Result.Of)), static (values, _) => values.Sum());
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Process_RandomHistoryPlainAndRestored_GivesWhatAnOracleSays(int seed, int size, int slide, int offset, int lateness, bool lateAside)
    {
        var settings = Settings(size, slide, offset, lateness, lateAside);
        await Run(
            seed,
            settings,
            () => Operator<ListCell<long>, ProcessWindow<long, long, Result>>(settings, new(() => new Digest(isOrdered: size == slide))),
            (values, firing) => Digest.Of(values, size == slide, firing));
    }

    private static Operator<long, Result> Operator<TAcc, TFunction>(WindowSettings<long> settings, TFunction function)
        where TFunction : struct, IWindowFunction<long, long, TAcc, Result> =>
        new WindowOperator<long, long, TAcc, Result, TFunction, SharedSite>(KeySelector<long, long>.Of(KeyOf), settings, function);

    private static WindowSettings<long> Settings(int size, int slide, int offset, int lateness, bool lateAside) =>
        new(new WindowLayout(size, slide, offset), lateness, lateAside ? s_late : null);

    private static long KeyOf(long value) => value % Keys;

    /// <param name="seed">Of the history and of the restores.</param>
    /// <param name="settings">The windows.</param>
    /// <param name="factory">Makes the operator.</param>
    /// <param name="result">The result that belongs to records of a window, and to the how-manieth firing of the key.</param>
    private static async Task Run(int seed, WindowSettings<long> settings, Func<Operator<long, Result>> factory, Func<IReadOnlyList<long>, long, long> result)
    {
        var history = new OperatorHistory<long, long, Result>();
        var oracle = new WindowOracle(settings.Layout.Size, settings.Layout.Slide, settings.Layout.Offset, settings.AllowedLateness);
        var expected = Describe(new Random(seed), history, oracle, result);

        var plain = await Run(seed, Restores.Never, history, settings, factory, oracle);
        var interrupted = await Run(seed, Restores.NowAndThen, history, settings, factory, oracle);
        var restored = await Run(seed, Restores.AtEveryStep, history, settings, factory, oracle);

        for (var step = 0; step < history.Steps; step++)
        {
            Assert.True(expected[step].SequenceEqual(plain[step]), $"plain: seed {seed}, step {step}");
            Assert.True(plain[step].SequenceEqual(interrupted[step]), $"restored now and then: seed {seed}, step {step}");
            Assert.True(plain[step].SequenceEqual(restored[step]), $"restored at every step: seed {seed}, step {step}");
        }
    }

    /// <summary>Makes a history and what the oracle says that each of its steps emits.</summary>
    private static List<List<Result>> Describe(Random random, OperatorHistory<long, long, Result> history, WindowOracle oracle, Func<IReadOnlyList<long>, long, long> result)
    {
        var expected = new List<List<Result>>();
        var firings = new long[Keys];
        var (watermark, next) = (-2000L, 1L);
        for (var step = 0; step < Steps; step++)
        {
            var known = oracle.Fired.Count;
            if (step == Steps - 1)
            {
                history.Watermark(long.MaxValue);
                oracle.Watermark(long.MaxValue);
            }
            else if (random.Next(3) > 0)
            {
                var records = new List<(long Value, long Timestamp)>();
                for (var i = random.Next(1, 30); i > 0; i--)
                    records.Add((next++, watermark + random.Next(-300, 200)));
                history.Send(records);
                foreach (var (value, timestamp) in records)
                    oracle.Add(KeyOf(value), value, timestamp);
            }
            else
            {
                watermark += random.Next(1, 130);
                history.Watermark(watermark);
                oracle.Watermark(watermark);
            }

            expected.Add(ByKey(oracle.Fired.Skip(known).Select(fired => new Result(fired.Key, fired.End, result(fired.Values, ++firings[fired.Key])))));
        }

        return expected;
    }

    private static async Task<List<List<Result>>> Run(
        int seed, Restores restores, OperatorHistory<long, long, Result> history, WindowSettings<long> settings, Func<Operator<long, Result>> factory, WindowOracle oracle)
    {
        var late = new SideProbe<long>(s_late);
        await using var harness = new OperatorHarness<long, long, Result>(factory, KeyOf, new SerializerRegistry(), late);

        var emitted = history.Run(harness, restores, new Random(seed));

        Assert.True(harness.Output.Records.TrueForAll(static record => record.Timestamp == record.Value.End - 1), "A result has another timestamp than its window's last millisecond.");
        Assert.Equal(settings.LateTag is null ? [] : oracle.Late.Order(), late.Values.Order());
        Assert.Equal(settings.LateTag is null ? oracle.Late.Count : 0, harness.LateRecords);
        return [.. emitted.Select(static step => ByKey(step.Select(static record => record.Value)))];
    }

    /// <summary>Key by key, each key's in order; what order keys fire in is not defined.</summary>
    private static List<Result> ByKey(IEnumerable<Result> results) => [.. results.OrderBy(static result => result.Key)];

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

    /// <summary>Reduces elements to a number that depends on each of them, on their order where that is defined, and on how many windows of the key have fired.</summary>
    private sealed class Digest(bool isOrdered) : ProcessWindowFunction<long, long, Result>
    {
        private ValueState<long> _seen = null!; // set in Open

        public static long Of(IReadOnlyList<long> elements, bool isOrdered, long firing)
        {
            var digest = firing;
            foreach (var element in isOrdered ? elements : [.. elements.Order()])
                digest = unchecked((digest * 31) + element);
            return digest;
        }

        public override void Open(OperatorContext context) => _seen = context.State.Value<long>("windows");

        public override void Process(long key, TimeWindow window, IReadOnlyList<long> elements, Context context)
        {
            Assert.True(elements.All(element => KeyOf(element) == key), $"Elements of other keys than {key}.");
            context.Collect(new Result(key, window.EndMilliseconds, Of(elements, isOrdered, ++_seen.Value)));
        }
    }
}
