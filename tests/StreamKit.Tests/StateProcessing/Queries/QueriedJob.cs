using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.StateProcessing.Queries;

/// <summary>A job whose state of a key follows from how many of its records it has had: so whoever knows the count knows what any state must be.</summary>
internal static class QueriedJob
{
    public const int Records = 3_000;
    public const int Keys = 13;
    private const int ListLength = 150;
    private const int MapKeys = 120;

    // So long that a checkpoint is more than a manifest carries, and there are files.
    private static readonly string s_ballast = new('.', 6_000);

    public static void Describe(StreamJobBuilder builder, InMemoryCheckpointStore store, int parallelism, long cacheBytes)
    {
        builder.Parallelism = parallelism;
        builder.Checkpoints.Retained = 1;
        builder.QueryCacheBytes = cacheBytes;
        builder.UseCheckpoints(store, TimeSpan.FromMilliseconds(40));
        builder
            .FromSource("numbers", Source.FromCollection(Enumerable.Range(0, Records).Select(static x => (long)x).ToArray()).WithRateLimit(1_500))
            .KeyBy(x => x % Keys)
            .Process("states", NewFunction)
            .CollectTo(out _);
    }

    public static KeyedProcessFunction<long, long, long> NewFunction() => new States();

    /// <summary>What a key has after so many records.</summary>
    public static KeyState Expected(long key, long count)
    {
        var state = new KeyState();
        for (var i = 0; i < count; i++)
            Apply(state, (i * Keys) + key);
        return state;
    }

    private static string TextOf(long x, long count) => $"{x} of {count} {s_ballast}";

    private static void Apply(KeyState state, long x)
    {
        state.Count++;
        state.Sum += x;
        state.Text = state.Count % 7 == 0 ? null : TextOf(x, state.Count);
        if (state.Count % ListLength == 0)
            state.Seen.Clear();
        state.Seen.Add(x);
        state.Entries[x / Keys % MapKeys] = x;
        state.Entries.Remove(x / Keys * 7 % MapKeys);
    }

    /// <summary>A key's state as it has to be.</summary>
    internal sealed class KeyState
    {
        public long Count { get; set; }

        public long Sum { get; set; }

        public string? Text { get; set; }

        public List<long> Seen { get; } = [];

        public Dictionary<long, long> Entries { get; } = [];
    }

    private sealed class States : KeyedProcessFunction<long, long, long>
    {
        private ValueState<long> _count = null!; // all of them are set in Open
        private ReducingState<long> _sum = null!;
        private AggregatingState<long, double> _average = null!;
        private ValueState<string> _text = null!;
        private ListState<long> _seen = null!;
        private MapState<long, long> _entries = null!;

        public override void Open(OperatorContext context)
        {
            _count = context.State.Value<long>("count");
            _sum = context.State.Reducing<long>("sum", static (left, right) => left + right);
            _average = context.State.Aggregating("average", new Average());
            _text = context.State.Value<string>("text", StateTtl.After(TimeSpan.FromHours(1)));
            _seen = context.State.List<long>("seen", StateTtl.After(TimeSpan.FromHours(1)));
            _entries = context.State.Map<long, long>("entries", StateTtl.After(TimeSpan.FromHours(1)));
        }

        public override void Process(long x, Context context)
        {
            _count.Value++;
            _sum.Add(x);
            _average.Add(x);
            if (_count.Value % 7 == 0)
                _text.Clear();
            else
                _text.Value = TextOf(x, _count.Value);
            if (_count.Value % ListLength == 0)
                _seen.Clear();
            _seen.Add(x);
            _entries[x / Keys % MapKeys] = x;
            _entries.Remove(x / Keys * 7 % MapKeys);
            context.Timers.RegisterProcessingTime(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() - 1);
        }
    }

    private sealed class Average : AggregateFunction<long, (long Count, long Sum), double>
    {
        public override (long Count, long Sum) CreateAccumulator() => default;

        public override (long Count, long Sum) Add((long Count, long Sum) accumulator, long value) => (accumulator.Count + 1, accumulator.Sum + value);

        public override double GetResult((long Count, long Sum) accumulator) => (double)accumulator.Sum / accumulator.Count;

        public override (long Count, long Sum) Merge((long Count, long Sum) left, (long Count, long Sum) right) => (left.Count + right.Count, left.Sum + right.Sum);
    }
}
