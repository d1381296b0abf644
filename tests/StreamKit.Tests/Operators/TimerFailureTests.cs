using StreamKit.Operators;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Operators;

/// <summary>What a failure in <c>OnTimer</c> says.</summary>
public class TimerFailureTests
{
    private static readonly long s_noon = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    [Fact]
    public async Task OnTimer_OfEventTimeThrows_FailsNamingTimerAndKey()
    {
        await using var harness = Harness(static context => context.Timers.RegisterEventTime(s_noon));
        harness.Send([("good", 1), ("bad", 1)]);

        var error = Assert.Throws<OperatorFailedException>(() => harness.Watermark(s_noon));

        Assert.Equal("the event-time timer of 1777636800000 (2026-05-01T12:00:00.000Z)", error.Firing);
        Assert.Equal("bad", error.Key);
        Assert.Null(error.Record);
        Assert.Equal(("test", 0), (error.OperatorName, error.Subtask));
        Assert.IsType<InvalidOperationException>(error.InnerException);
        Assert.Equal("Operator 'test' (subtask 0 of 1) failed firing the event-time timer of 1777636800000 (2026-05-01T12:00:00.000Z) for key bad: no bad keys", error.Message);
    }

    [Fact]
    public async Task OnTimer_ByTheClockThrows_FailsNamingTimerAndKey()
    {
        await using var harness = Harness(static context => context.Timers.RegisterProcessingTime(s_noon + 1));
        harness.Send([("good", 1), ("bad", 1)]);

        var error = Assert.Throws<OperatorFailedException>(() => harness.Wake(s_noon + 5));

        Assert.Equal("the processing-time timer of 1777636800001 (2026-05-01T12:00:00.001Z)", error.Firing);
        Assert.Equal("bad", error.Key);
        Assert.IsType<InvalidOperationException>(error.InnerException);
    }

    [Fact]
    public async Task OnTimer_AtTheEndOfInputThrows_FailsNamingTimerAndKey()
    {
        await using var harness = Harness(static context => context.Timers.RegisterEventTime(long.MaxValue));
        harness.Send("bad", 1);

        var error = Assert.Throws<OperatorFailedException>(() => harness.Watermark(long.MaxValue));

        Assert.Equal("the event-time timer of 9223372036854775807", error.Firing);
        Assert.Equal("bad", error.Key);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OnTimer_ThrowsWithKeysKeptOutOfMessages_FailsWithoutTheKey(bool byTheClock)
    {
        var job = new SimulatedJob(1, DateTimeOffset.UnixEpoch, builder =>
        {
            builder.RestartStrategy = RestartStrategy.None;
            builder.DescribeRecord = static _ => null;
            builder.FromSource("words", Source.Generate(100, static i => i == 0 ? "bad" : "good", eventsPerSecond: 100))
                .AssignTimestampsAndWatermarks(static w => w.Monotonous().WithTimestamp(static _ => 1))
                .KeyBy(static word => word)
                .Process("timers", () => new Function(context =>
                {
                    if (byTheClock)
                        context.Timers.RegisterProcessingTime(0);
                    else
                        context.Timers.RegisterEventTime(0);
                }))
                .SinkTo("out", new OutsideWorld<string>().AsSink());
        });

        var error = Assert.Throws<OperatorFailedException>(() => Unwrapped(job));

        Assert.Equal("timers", error.OperatorName);
        Assert.Null(error.Key);
        Assert.EndsWith("-time timer of 0 (1970-01-01T00:00:00.000Z): no bad keys", error.Message, StringComparison.Ordinal);
    }

    private static void Unwrapped(SimulatedJob job)
    {
        var error = Assert.Throws<JobFailedException>(() => job.Complete());
        throw Assert.Single(error.Failures);
    }

    private static OperatorHarness<string, string, string> Harness(Action<KeyedProcessFunction<string, string, string>.Context> process) =>
        new(() => new KeyedProcessOperator<string, string, string>(KeySelector<string, string>.Of(static word => word), () => new Function(process)), static word => word, new SerializerRegistry());

    private sealed class Function(Action<KeyedProcessFunction<string, string, string>.Context> process) : KeyedProcessFunction<string, string, string>
    {
        public override void Process(string value, Context context) => process(context);

        public override void OnTimer(long timestamp, Context context)
        {
            if (context.Key == "bad")
                throw new InvalidOperationException("no bad keys");
            context.Collect(context.Key);
        }
    }
}
