using StreamKit.Operators;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Operators;

/// <summary>Random registrations and deletions against a sorted set of timers, restored at every other step.</summary>
public class TimerModelTests
{
    private const int Keys = 12;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Timers_RandomHistory_FireAsAnOracleSays(int seed)
    {
        var random = new Random(seed);
        var serializers = new SerializerRegistry();
        await using var harness = new OperatorHarness<long, Command, Fired>(() => new KeyedProcessOperator<long, Command, Fired>(c => c.Key, () => new Function()), c => c.Key, serializers);
        var oracle = new Oracle();
        var (watermark, clock) = (0L, 0L);
        HarnessCut? pending = null;
        for (var step = 0; step < 250; step++)
        {
            switch (random.Next(10))
            {
                case < 6:
                    var commands = Enumerable.Range(0, random.Next(1, 20)).Select(_ => Command.Random(random, watermark, clock)).ToList();
                    harness.Send(commands.Select(command => (command, watermark + 1)));
                    commands.ForEach(oracle.Apply);
                    break;
                case 6:
                    watermark += random.Next(1, 200); // timers behind the watermark wait until it rises
                    harness.Watermark(watermark);
                    oracle.FireEventTime(watermark);
                    break;
                case 7:
                    clock += random.Next(200);
                    harness.Wake(clock);
                    oracle.FireProcessingTime(clock);
                    break;
                case 8:
                    pending ??= harness.Cut();
                    if (random.Next(2) == 0)
                    {
                        pending.Write();
                        pending = null;
                    }

                    break;
                default:
                    pending?.Write();
                    pending = null;
                    harness.Restore(harness.Cut().Write(), random.Next(1, 4));
                    break;
            }

            Assert.True(oracle.Expected.Order().SequenceEqual(harness.Output.Values.Order()), $"seed {seed}, step {step}");
        }

        harness.Watermark(long.MaxValue);
        oracle.FireEventTime(long.MaxValue);
        Assert.Equal(oracle.Expected.Order(), harness.Output.Values.Order());
    }

    [Fact]
    public async Task Timers_AllFiredOrDeleted_LeaveNoKeyBehind()
    {
        var random = new Random(7);
        await using var harness = new OperatorHarness<long, Command, Fired>(() => new KeyedProcessOperator<long, Command, Fired>(c => c.Key, () => new Function()), c => c.Key, new SerializerRegistry());
        for (var i = 0; i < 1000; i++)
            harness.Send(Command.Random(random, 0, 0), 1);

        harness.Wake(10_000);
        harness.Watermark(10_000);

        Assert.Equal(0, harness.LiveKeys);
    }

    internal readonly record struct Command(long Key, TimeDomain Domain, long Timestamp, bool Registers, long ThenAfter)
    {
        public static Command Random(Random random, long watermark, long clock)
        {
            var domain = random.Next(4) == 0 ? TimeDomain.ProcessingTime : TimeDomain.EventTime;
            var now = domain == TimeDomain.EventTime ? watermark : clock;
            return new Command(random.Next(Keys), domain, now + random.Next(-100, 400), random.Next(3) > 0, random.Next(4) == 0 ? random.Next(-50, 300) : 0);
        }
    }

    internal readonly record struct Fired(long Key, TimeDomain Domain, long Timestamp) : IComparable<Fired>
    {
        public int CompareTo(Fired other) => (Key, Domain, Timestamp).CompareTo((other.Key, other.Domain, other.Timestamp));
    }

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
