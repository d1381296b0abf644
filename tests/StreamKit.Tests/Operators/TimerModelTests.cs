using StreamKit.Operators;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Operators;

/// <summary>Random registrations and deletions against a sorted set of timers: run plain, with cuts and restores now and then, and restored at every step.</summary>
public class TimerModelTests
{
    private const int Keys = 12;
    private const int Steps = 250;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Timers_RandomHistoryPlainAndRestored_FireAsAnOracleSays(int seed)
    {
        var history = new OperatorHistory<long, Command, Fired>();
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

    [Fact]
    public async Task Timers_AllFiredOrDeleted_LeaveNoKeyBehind()
    {
        var random = new Random(7);
        await using var harness = new OperatorHarness<long, Command, Fired>(() => new KeyedProcessOperator<long, Command, Fired>(KeySelector<TimerModelTests.Command, long>.Of(c => c.Key), () => new Function()), c => c.Key, new SerializerRegistry());
        for (var i = 0; i < 1000; i++)
            harness.Send(Command.Random(random, 0, 0), 1);

        harness.Wake(10_000);
        harness.Watermark(10_000);

        Assert.Equal(0, harness.LiveKeys);
    }

    /// <summary>Makes a history and what the oracle says that each of its steps fires.</summary>
    private static List<List<Fired>> Describe(Random random, OperatorHistory<long, Command, Fired> history)
    {
        var oracle = new Oracle();
        var expected = new List<List<Fired>>();
        var (watermark, clock) = (0L, 0L);
        for (var step = 0; step < Steps; step++)
        {
            var known = oracle.Expected.Count;
            switch (step == Steps - 1 ? 8 : random.Next(8))
            {
                case < 6:
                    var commands = Enumerable.Range(0, random.Next(1, 20)).Select(_ => Command.Random(random, watermark, clock)).ToList();
                    history.Send([.. commands.Select(command => (command, watermark + 1))]);
                    commands.ForEach(oracle.Apply);
                    break;
                case 6:
                    watermark += random.Next(1, 200); // timers behind the watermark wait until it rises
                    history.Watermark(watermark);
                    oracle.FireEventTime(watermark);
                    break;
                case 7:
                    clock += random.Next(200);
                    history.Wake(clock);
                    oracle.FireProcessingTime(clock);
                    break;
                default:
                    history.Watermark(long.MaxValue);
                    oracle.FireEventTime(long.MaxValue);
                    break;
            }

            expected.Add(ByKey(oracle.Expected.Skip(known)));
        }

        return expected;
    }

    private static async Task<List<List<Fired>>> Run(int seed, Restores restores, OperatorHistory<long, Command, Fired> history)
    {
        await using var harness = new OperatorHarness<long, Command, Fired>(() => new KeyedProcessOperator<long, Command, Fired>(KeySelector<TimerModelTests.Command, long>.Of(c => c.Key), () => new Function()), c => c.Key, new SerializerRegistry());

        var emitted = history.Run(harness, restores, new Random(seed));

        return [.. emitted.Select(static step => ByKey(step.Select(static record => record.Value)))];
    }

    /// <summary>Key by key, each key's in the order in which they fired; the order among keys is not defined.</summary>
    private static List<Fired> ByKey(IEnumerable<Fired> fired) => [.. fired.OrderBy(static each => each.Key)];

    internal readonly record struct Command(long Key, TimeDomain Domain, long Timestamp, bool Registers, long ThenAfter)
    {
        public static Command Random(Random random, long watermark, long clock)
        {
            var domain = random.Next(4) == 0 ? TimeDomain.ProcessingTime : TimeDomain.EventTime;
            var now = domain == TimeDomain.EventTime ? watermark : clock;
            return new Command(random.Next(Keys), domain, now + random.Next(-100, 400), random.Next(3) > 0, random.Next(4) == 0 ? random.Next(-50, 300) : 0);
        }
    }

    internal readonly record struct Fired(long Key, TimeDomain Domain, long Timestamp);

    /// <summary>A command whose timer, if even, registers another when it fires, and deletes a third.</summary>
    private sealed class Function : KeyedProcessFunction<long, Command, Fired>
    {
        public override void Process(Command value, Context context)
        {
            Assert.Equal(value.Key, context.Key);
            Do(context.Timers, value.Domain, value.Timestamp, value.Registers);
            if (value.ThenAfter != 0)
                Do(context.Timers, value.Domain, value.Timestamp + value.ThenAfter, value.Registers);
        }

        public override void OnTimer(long timestamp, Context context)
        {
            context.Collect(new Fired(context.Key, context.TimeDomain, timestamp));
            Do(context.Timers, context.TimeDomain, Oracle.Next(timestamp), registers: Oracle.Registers(timestamp));
            Do(context.Timers, context.TimeDomain, Oracle.Other(timestamp), registers: false);
        }

        private static void Do(TimerService timers, TimeDomain domain, long timestamp, bool registers)
        {
            switch (domain, registers)
            {
                case (TimeDomain.EventTime, true):
                    timers.RegisterEventTime(timestamp);
                    break;
                case (TimeDomain.EventTime, false):
                    timers.DeleteEventTime(timestamp);
                    break;
                case (TimeDomain.ProcessingTime, true):
                    timers.RegisterProcessingTime(timestamp);
                    break;
                case (TimeDomain.ProcessingTime, false):
                    timers.DeleteProcessingTime(timestamp);
                    break;
            }
        }
    }

    private sealed class Oracle
    {
        private readonly SortedSet<(long Timestamp, long Key)> _eventTime = [];

        public SortedSet<(long Timestamp, long Key)> PendingProcessingTime { get; } = [];

        public List<Fired> Expected { get; } = [];

        // Odd timers end there; even ones go on to one that may be in the past, near or far, and is odd in the end.
        public static long Next(long timestamp) => timestamp % 4 == 0 ? timestamp + 7 : timestamp + 63;

        public static bool Registers(long timestamp) => timestamp % 2 == 0;

        public static long Other(long timestamp) => timestamp + 5;

        public void Apply(Command command)
        {
            Do(command.Key, command.Domain, command.Timestamp, command.Registers);
            if (command.ThenAfter != 0)
                Do(command.Key, command.Domain, command.Timestamp + command.ThenAfter, command.Registers);
        }

        public void FireEventTime(long through) => Fire(_eventTime, TimeDomain.EventTime, through);

        public void FireProcessingTime(long through) => Fire(PendingProcessingTime, TimeDomain.ProcessingTime, through);

        private void Fire(SortedSet<(long Timestamp, long Key)> timers, TimeDomain domain, long through)
        {
            while (timers.Count > 0 && timers.Min.Timestamp <= through)
            {
                var (timestamp, key) = timers.Min;
                timers.Remove((timestamp, key));
                Expected.Add(new Fired(key, domain, timestamp));
                Do(key, domain, Next(timestamp), Registers(timestamp));
                Do(key, domain, Other(timestamp), registers: false);
            }
        }

        private void Do(long key, TimeDomain domain, long timestamp, bool registers)
        {
            var timers = domain == TimeDomain.EventTime ? _eventTime : PendingProcessingTime;
            if (registers)
                timers.Add((timestamp, key));
            else
                timers.Remove((timestamp, key));
        }
    }
}
