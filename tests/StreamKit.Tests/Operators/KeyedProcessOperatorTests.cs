using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Operators;

public class KeyedProcessOperatorTests
{
    private static readonly OutputTag<string> s_side = new("side");

    [Fact]
    public async Task Process_RecordsOfSeveralKeys_SeeTheStateOfTheirKey()
    {
        await using var harness = Harness((value, context, total) =>
        {
            total.Value += value;
            context.Collect((context.Key, total.Value));
        });

        harness.Send([(1, 10), (2, 20), (11, 30)]);

        Assert.Equal([((1L, 1L), 10L), ((2, 2), 20), ((1, 12), 30)], harness.Output.Records);
    }

    [Fact]
    public async Task Process_RecordWithoutTimestamp_EmitsWithout()
    {
        await using var harness = Harness((value, context, _) => context.Collect((context.Key, context.Timestamp)));

        harness.Send(1, EventTime.None);

        Assert.Equal([((1L, EventTime.None), EventTime.None)], harness.Output.Records);
    }

    [Fact]
    public async Task Process_SideOutput_GetsWhatIsSentToIt()
    {
        var side = new SideProbe<string>(s_side);
        await using var harness = Harness((value, context, _) => context.Output(s_side, $"late {value}"), side);

        harness.Send(7, 70);

        Assert.Equal([("late 7", 70L)], side.Records);
        Assert.Empty(harness.Output.Records);
    }

    [Fact]
    public async Task OnTimer_SeveralKeys_FireInOrderOfTimestampsWithTheirKeysState()
    {
        await using var harness = Harness((value, context, total) =>
        {
            total.Value = value;
            context.Timers.RegisterEventTime(1000 - value);
        });
        harness.Send([(1, 1), (2, 2), (333, 3)]);

        harness.Watermark(998);
        harness.Watermark(999);

        // The third timer is due first; each result is (key, state) at the timer's timestamp.
        Assert.Equal([((3L, 333L), 667L), ((2, 2), 998), ((1, 1), 999)], harness.Output.Records);
    }

    [Fact]
    public async Task OnTimer_BehindTheWatermark_FiresWhenItRisesNext()
    {
        await using var harness = Harness((_, context, _) => context.Timers.RegisterEventTime(context.Timestamp));
        harness.Watermark(100);
        harness.Send(1, 50);

        harness.Watermark(100);
        Assert.Empty(harness.Output.Records);
        harness.Watermark(101);

        Assert.Equal([50L], harness.Output.Records.Select(static record => record.Timestamp));
    }

    [Fact]
    public async Task OnTimer_ByTheClock_FiresWithoutTimestamp()
    {
        await using var harness = Harness((_, context, _) => context.Timers.RegisterProcessingTime(context.ProcessingTime + 500));
        harness.Clock.Now = 10_000;
        harness.Send(1, 50);

        Assert.Equal(10_500, harness.NextWake);
        harness.Wake(10_499);
        Assert.Empty(harness.Output.Records);
        harness.Wake(10_500);

        Assert.Equal([EventTime.None], harness.Output.Records.Select(static record => record.Timestamp));
        Assert.Equal(long.MaxValue, harness.NextWake);
    }

    [Fact]
    public async Task OnTimer_SameTimerTwice_FiresOnce()
    {
        await using var harness = Harness((_, context, _) =>
        {
            context.Timers.RegisterEventTime(DateTimeOffset.FromUnixTimeMilliseconds(500));
            context.Timers.RegisterEventTime(600);
            context.Timers.RegisterEventTime(500);
        });
        harness.Send([(1, 1), (1, 2)]);

        harness.Watermark(long.MaxValue);

        Assert.Equal([500L, 600L], harness.Output.Records.Select(static record => record.Timestamp));
        Assert.Equal(0, harness.LiveKeys);
    }

    [Fact]
    public async Task Timer_RegisteredForAPartOfAMillisecond_FiresNotBefore()
    {
        await using var harness = Harness((_, context, _) => context.Timers.RegisterEventTime(DateTimeOffset.UnixEpoch.AddTicks(1)));
        harness.Send(1, -5);

        harness.Watermark(0);
        Assert.Empty(harness.Output.Records);
        harness.Watermark(1);

        Assert.Single(harness.Output.Records);
    }

    [Fact]
    public async Task Timers_ManyMovedAgainAndAgain_KeepNoMoreThanArePending()
    {
        TimerTable? table = null;
        await using var harness = Harness((value, context, total) =>
        {
            context.Timers.DeleteEventTime(total.Value);
            total.Value = context.Timestamp + 1_000_000;
            context.Timers.RegisterEventTime(total.Value);
        });

        for (var i = 0; i < 300_000; i += 100)
            harness.Send(Enumerable.Range(i, 100).Select(static j => ((long)(j % 10), (long)j)));
        table = (TimerTable)harness.Keyed.Tables.Single(static table => table is TimerTable);

        Assert.InRange(table.EventTime.Count, 10, 140_000);
        harness.Watermark(long.MaxValue);
        Assert.Equal(10, harness.Output.Records.Count);
    }

    [Fact]
    public async Task Process_KeyIsNull_FailsNamingOperatorAndRecord()
    {
        await using var harness = new OperatorHarness<string, string, string>(
            () => new KeyedProcessOperator<string, string, string>(KeySelector<string, string>.Of(static value => value == "bad" ? null! : value), static () => new Echo()), static _ => "any", new SerializerRegistry());

        var error = Assert.ThrowsAny<StreamKitException>(() => harness.Send("bad", 1));

        Assert.Contains("'test'", error.Message, StringComparison.Ordinal);
        Assert.Contains("bad", error.Message, StringComparison.Ordinal);
        Assert.Contains("null", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Process_FunctionThrows_FailsNamingTheRecord()
    {
        await using var harness = Harness((value, _, _) => throw new InvalidOperationException($"no {value}"));

        var error = Assert.ThrowsAny<StreamKitException>(() => harness.Send([(41, 1), (42, 2)]));

        Assert.Contains("41", error.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(error.InnerException);
    }

    [Fact]
    public void Timers_OutsideACall_AreRefused()
    {
        TimerService? kept = null;
        var harness = Harness((_, context, _) => kept = context.Timers);
        harness.Send(1, 1);

        Assert.Throws<StreamKitException>(() => kept!.RegisterEventTime(5));
    }

    [Fact]
    public async Task Dispose_AfterOpen_ClosesTheFunctionOnce()
    {
        var closed = 0;
        var harness = new OperatorHarness<long, long, (long, long)>(() => new KeyedProcessOperator<long, long, (long, long)>(KeySelector<long, long>.Of(static v => v), () => new Function(static (_, _, _) => { }) { OnClose = () => closed++ }), static v => v, new SerializerRegistry());

        await harness.DisposeAsync();
        await harness.DisposeAsync();

        Assert.Equal(1, closed);
    }

    private static OperatorHarness<long, long, (long, long)> Harness(Action<long, KeyedProcessFunction<long, long, (long, long)>.Context, ValueState<long>> process, params ISideProbe[] sides) =>
        new(() => new KeyedProcessOperator<long, long, (long, long)>(KeySelector<long, long>.Of(static value => value % 10), () => new Function(process)), static value => value % 10, new SerializerRegistry(), sides);

    private sealed class Function(Action<long, KeyedProcessFunction<long, long, (long, long)>.Context, ValueState<long>> process) : KeyedProcessFunction<long, long, (long, long)>
    {
        private ValueState<long> _total = null!;

        public Action OnClose { get; init; } = static () => { };

        public override void Open(OperatorContext context) => _total = context.State.Value<long>("total");

        public override void Process(long value, Context context) => process(value, context, _total);

        public override void OnTimer(long timestamp, Context context) => context.Collect((context.Key, _total.Value));

        public override void Close() => OnClose();
    }

    private sealed class Echo : KeyedProcessFunction<string, string, string>
    {
        public override void Process(string value, Context context) => context.Collect(value);
    }
}
