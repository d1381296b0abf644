using System.Globalization;
using StreamKit.Operators;
using StreamKit.Tests.State;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Operators;

/// <summary>A keyed function with state of every kind and timers, run plain, with cuts and restores now and then, and restored at every step.</summary>
public class StatefulFunctionTests
{
    private const int Keys = 9;
    private const int Steps = 150;

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    [InlineData(24)]
    public async Task Process_StateOfEveryKindPlainAndRestored_SeesWhatPlainCollectionsHold(int seed)
    {
        var history = new OperatorHistory<long, long, string>();
        var expected = Describe(new Random(seed), history);

        var plain = await Run(seed, Restores.Never, history);
        var interrupted = await Run(seed, Restores.NowAndThen, history);
        var restored = await Run(seed, Restores.AtEveryStep, history);

        for (var step = 0; step < history.Steps; step++)
        {
            Assert.True(expected[step].SequenceEqual(plain[step]), $"plain: seed {seed}, step {step}");
            Assert.True(plain[step].SequenceEqual(interrupted[step]), $"restored now and then: seed {seed}, step {step}");
            Assert.True(plain[step].SequenceEqual(restored[step]), $"restored at every step: seed {seed}, step {step}");
        }
    }

    /// <summary>Makes a history and what each of its steps should emit.</summary>
    private static List<List<string>> Describe(Random random, OperatorHistory<long, long, string> history)
    {
        var rows = new Dictionary<long, Row>();
        var expected = new List<List<string>>();
        var watermark = 0L;
        for (var step = 0; step < Steps; step++)
        {
            var emitted = new List<string>();
            if (random.Next(3) > 0)
            {
                var values = Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.NextInt64(1000)).ToList();
                history.Send([.. values.Select(value => (value, watermark + 1))]);
                foreach (var value in values)
                {
                    if (!rows.TryGetValue(KeyOf(value), out var row))
                        rows.Add(KeyOf(value), row = new Row());
                    emitted.Add(row.Add(value, watermark));
                }
            }
            else
            {
                watermark += random.Next(1, 60);
                history.Watermark(watermark);
                foreach (var (key, row) in rows.Where(row => row.Value.Due <= watermark).ToList())
                {
                    emitted.Add(row.Farewell(key));
                    rows.Remove(key);
                }
            }

            expected.Add([.. emitted.Order(StringComparer.Ordinal)]);
        }

        return expected;
    }

    private static async Task<List<List<string>>> Run(int seed, Restores restores, OperatorHistory<long, long, string> history)
    {
        await using var harness = new OperatorHarness<long, long, string>(() => new KeyedProcessOperator<long, long, string>(KeySelector<long, long>.Of(KeyOf), () => new Function()), KeyOf, new SerializerRegistry());

        var emitted = history.Run(harness, restores, new Random(seed));

        return [.. emitted.Select(static step => step.Select(static record => record.Value).Order(StringComparer.Ordinal).ToList())];
    }

    private static long KeyOf(long value) => value % Keys;

    private static string Line(long key, long count, string list, string map, long largest, (int Count, long Sum) average) =>
        string.Create(CultureInfo.InvariantCulture, $"{key}: {count} [{list}] {{{map}}} {largest} {average.Sum}/{average.Count}");

    private static string Join(IEnumerable<KeyValuePair<long, string>> map) => string.Join(' ', map.OrderBy(static pair => pair.Key).Select(static pair => $"{pair.Key}={pair.Value}"));

    /// <summary>What one key should hold.</summary>
    private sealed class Row
    {
        private readonly List<long> _values = [];
        private readonly SortedDictionary<long, string> _last = [];

        /// <summary>When the key is forgotten.</summary>
        public long Due { get; private set; }

        public string Add(long value, long watermark)
        {
            _values.Add(value);
            _last[value % 5] = $"#{value}";
            Due = watermark + 1 + Function.Patience;
            return Text(KeyOf(value));
        }

        public string Farewell(long key) => "end " + Text(key);

        private string Text(long key) => Line(key, _values.Count, string.Join(' ', _values), Join(_last), _values.Max(), (_values.Count, _values.Sum()));
    }

    /// <summary>Keeps the same in state handles; a timer forgets a key that has been silent.</summary>
    private sealed class Function : KeyedProcessFunction<long, long, string>
    {
        public const long Patience = 50;

        private ValueState<(long Count, long Due)> _seen = null!; // set in Open, as all others
        private ListState<long> _values = null!;
        private MapState<long, string> _last = null!;
        private ReducingState<long> _largest = null!;
        private AggregatingState<long, (int Count, long Sum)> _average = null!;

        public override void Open(OperatorContext context)
        {
            _seen = context.State.Value<(long Count, long Due)>("seen");
            _values = context.State.List<long>("values");
            _last = context.State.Map<long, string>("last");
            _largest = context.State.Reducing<long>("largest", Math.Max);
            _average = context.State.Aggregating("average", new AverageFunction());
        }

        public override void Process(long value, Context context)
        {
            if (_seen.HasValue)
                context.Timers.DeleteEventTime(_seen.Value.Due);
            var due = context.Timestamp + Patience;
            _seen.Value = (_seen.Value.Count + 1, due);
            context.Timers.RegisterEventTime(due);
            _values.Add(value);
            _last[value % 5] = $"#{value}";
            _largest.Add(value);
            _average.Add(value);
            context.Collect(Text(context.Key));
        }

        public override void OnTimer(long timestamp, Context context)
        {
            context.Collect("end " + Text(context.Key));
            _seen.Clear();
            _values.Clear();
            _last.Clear();
            _largest.Clear();
            _average.Clear();
        }

        private string Text(long key) => Line(key, _seen.Value.Count, string.Join(' ', _values), Join(_last), _largest.Value, _average.Result);
    }
}
