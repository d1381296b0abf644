using StreamKit.Operators;
using StreamKit.Serialization;
using StreamKit.State;
using StreamKit.Tests.State.Segments;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Operators;

/// <summary>What timers keep in checkpoints: files written by released versions are read for ever, and version 0 is written as it was.</summary>
public class TimerGoldenTests
{
    private const string File = "timers-v0.bin";

    private static readonly StateDescriptor[] s_states = [new(1, "$timers", StateKind.Timers, TypeSchema.Custom("timers/64ms"))];

    [Fact]
    public async Task Write_TheSameTimers_GivesTheSameBytes()
    {
        await using var harness = Harness();
        harness.Send(Timers().Select(static timer => (timer, 0L)));
        harness.Send(new Timer(2, TimeDomain.EventTime, 777, Deletes: false), 0);
        harness.Send(new Timer(2, TimeDomain.EventTime, 777, Deletes: true), 0);

        var cut = harness.Cut();

        Assert.Equal(s_states, cut.Subtasks[0].Keyed!.States);
        Assert.Equal(GoldenFile.Read(File), await cut.WriteSegmentAsync());
    }

    [Fact]
    public async Task Read_TimersOfVersion0_Fire()
    {
        await using var harness = Harness();

        await harness.RestoreAsync(GoldenFile.Read(File), s_states, -1_000);
        harness.Wake(long.MaxValue - 1);
        harness.Watermark(long.MaxValue);

        Assert.Equal(Timers().Order(), harness.Output.Values.Order());
    }

    [Fact]
    public async Task Rows_OfATimer_AreKeyedByDomainAndBucketAndHoldAMaskOfOffsets()
    {
        var rows = await SegmentFixture.ReadAsync(await SegmentFixture.OpenAsync(GoldenFile.Read(File)), new KeyGroupRange(0, 15));

        // Timers at -65, -1, 0, 63 and 64 of event time and at 1 by the clock: a domain byte, the bucket of 64 ms big-endian with the sign turned, and a bit for each.
        var ofKey1 = rows.Where(static row => row.Key is [1]).Select(static row => $"{Convert.ToHexString(row.SubKey)} {Convert.ToHexString(row.Value!)}");
        Assert.Equal(
            [
                "007FFFFFFFFFFFFFFE CF8000000000000000",
                "007FFFFFFFFFFFFFFF CF8000000000000000",
                "008000000000000000 CF8000000000000001",
                "008000000000000001 01",
                "018000000000000000 02",
            ],
            ofKey1);
    }

    private static List<Timer> Timers() =>
    [
        .. new long[] { -65, -1, 0, 63, 64 }.Select(static at => new Timer(1, TimeDomain.EventTime, at, Deletes: false)),
        new(1, TimeDomain.ProcessingTime, 1, Deletes: false),
        .. Enumerable.Range(0, 20).Select(static i => new Timer(10 + (i % 4), i % 3 == 0 ? TimeDomain.ProcessingTime : TimeDomain.EventTime, 1_767_225_600_000 + (i * i), Deletes: false)),
        new(5, TimeDomain.EventTime, long.MaxValue, Deletes: false),
    ];

    private static OperatorHarness<long, Timer, Timer> Harness() =>
        new(static () => new KeyedProcessOperator<long, Timer, Timer>(KeySelector<TimerGoldenTests.Timer, long>.Of(static timer => timer.Key), static () => new Function()), static timer => timer.Key, new SerializerRegistry());

    internal readonly record struct Timer(long Key, TimeDomain Domain, long Timestamp, bool Deletes) : IComparable<Timer>
    {
        public int CompareTo(Timer other) => (Key, Domain, Timestamp).CompareTo((other.Key, other.Domain, other.Timestamp));
    }

    private sealed class Function : KeyedProcessFunction<long, Timer, Timer>
    {
        public override void Process(Timer value, Context context)
        {
            if (value.Deletes)
                context.Timers.DeleteEventTime(value.Timestamp);
            else if (value.Domain == TimeDomain.EventTime)
                context.Timers.RegisterEventTime(value.Timestamp);
            else
                context.Timers.RegisterProcessingTime(value.Timestamp);
        }

        public override void OnTimer(long timestamp, Context context) => context.Collect(new Timer(context.Key, context.TimeDomain, timestamp, Deletes: false));
    }
}
