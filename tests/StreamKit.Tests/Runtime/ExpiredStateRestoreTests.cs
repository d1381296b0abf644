using StreamKit.Runtime;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

/// <summary>Jobs that start again when some of their state has expired, and read the rest as they need it.</summary>
public class ExpiredStateRestoreTests
{
    private const int Records = 3_000;
    private const int Keys = 400;
    private static readonly DateTimeOffset s_start = new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly InMemoryCheckpointStore _store = new();
    private readonly OutsideWorld<string> _world = new();

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, long.MaxValue)]
    [InlineData(true, 0)]
    [InlineData(true, long.MaxValue)]
    public void Start_WhenWhatStaysInMemoryHasExpired_KeepsTheOtherStateOfTheSameKeys(bool isLocal, long readAtOnce)
    {
        var first = Job(1, s_start, isLocal, readAtOnce);
        while (_world.Committed.Count < Keys * 2 || _world.Prepared > 0)
            Assert.False(first.Step(1));

        Job(2, first.Now + TimeSpan.FromHours(1), isLocal, readAtOnce).Complete();

        // Each key's count goes on, whatever else was kept for it.
        var expected = Enumerable.Range(0, Keys).SelectMany(static key => Enumerable.Range(1, (Records - key + Keys - 1) / Keys).Select(count => $"{key}:{count}"));
        Assert.Equal(expected.Order(StringComparer.Ordinal), _world.Committed.Order(StringComparer.Ordinal));
    }

    private SimulatedJob Job(ulong seed, DateTimeOffset now, bool isLocal, long readAtOnce) => new(seed, now, builder =>
    {
        builder.Parallelism = 1;
        builder.ReadAtOnceBytes = readAtOnce;
        if (isLocal)
            builder.UseStateBackend(new InMemoryLocalState(hotBytes: 20_000));
        builder.UseCheckpoints(_store, TimeSpan.FromMilliseconds(40));
        builder.FromSource("numbers", Source.Range(0, Records).WithRateLimit(5_000))
            .KeyBy(x => x % Keys)
            .Process("counts", static () => new Counts())
            .SinkTo("out", _world.AsSink());
    });

    private sealed class Counts : KeyedProcessFunction<long, long, string>
    {
        private ValueState<int> _count = null!; // set in Open, as the other
        private ValueState<string> _recent = null!;

        public override void Open(OperatorContext context)
        {
            _count = context.State.Value<int>("count");
            _recent = context.State.Value<string>("recent", StateTtl.After(TimeSpan.FromMinutes(1)));
        }

        public override void Process(long value, Context context)
        {
            _recent.Value = new string('.', 300);
            context.Collect($"{context.Key}:{++_count.Value}");
        }
    }
}
