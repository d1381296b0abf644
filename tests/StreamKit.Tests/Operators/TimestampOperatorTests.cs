using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Operators;

public class TimestampOperatorTests
{
    private readonly ManualClock _clock = new();
    private readonly Probe<long> _output = new();

    [Fact]
    public void Receive_Records_GetTimestampsAndAWatermarkBehindThem()
    {
        var assigner = Open(w => w.BoundedOutOfOrderness(TimeSpan.FromMilliseconds(10)));

        Send(assigner, watermark: 999_999, null, 100, 90);

        Assert.Equal([(100L, 100L), (90, 90)], _output.Records);
        Assert.Equal([89L], _output.Watermarks);
    }

    [Fact]
    public void Receive_EndOfInput_PassesOn()
    {
        var assigner = Open(w => w.Monotonous());

        Send(assigner, EventTime.End, Control.End, 5);

        Assert.Equal([EventTime.End], _output.Watermarks);
        Assert.Equal([Control.End], _output.Controls);
    }

    [Fact]
    public void Cut_AfterRecords_HoldsTheWatermarkThatIsRestored()
    {
        var services = TestServices.Create(new SerializerRegistry(), _clock);
        var assigner = Open(w => w.Monotonous(), services);
        Send(assigner, EventTime.None, new CheckpointBarrier(1, stops: false), 50);

        var restored = Open(w => w.Monotonous(), TestServices.Create(new SerializerRegistry(), _clock, restoredWatermark: services.Cuts[0].Watermark));
        Send(restored, EventTime.None, null, 20);
        Send(restored, EventTime.None, null, 60);

        Assert.Equal(49, services.Cuts[0].Watermark);
        Assert.Equal([49L, 49, 59], _output.Watermarks);
    }

    [Fact]
    public void OnWake_NoRecordsForTheTimeout_SaysIdleAndThenActive()
    {
        var assigner = Open(w => w.Monotonous().WithIdleness(TimeSpan.FromSeconds(1)));
        Send(assigner, EventTime.None, null, 5);
        Assert.Equal(1000, assigner.NextWake);

        _clock.Now = 1000;
        assigner.OnWake(1000);
        Send(assigner, EventTime.None, null, 6);

        Assert.Equal([Control.Idle, Control.Active], _output.Controls);
        Assert.Equal([5L, 6], _output.Values);
        Assert.Equal(2000, assigner.NextWake);
    }

    [Fact]
    public void Receive_InputIdleWhileSilent_SaysItOnce()
    {
        var assigner = Open(w => w.Monotonous().WithIdleness(TimeSpan.FromSeconds(1)));
        _clock.Now = 1000;
        assigner.OnWake(1000);

        Send(assigner, EventTime.None, Control.Idle);
        Send(assigner, EventTime.None, Control.Active);
        Assert.Equal([Control.Idle], _output.Controls);
        Send(assigner, EventTime.None, null, 7);

        Assert.Equal([Control.Idle, Control.Active], _output.Controls);
    }

    private TimestampOperator<long> Open(Func<WatermarkStrategy<long>, WatermarkStrategy<long>> configure, TestServices? services = null)
    {
        services ??= TestServices.Create(new SerializerRegistry(), _clock);
        var assigner = new TimestampOperator<long>(configure(new WatermarkStrategy<long>()).WithTimestamp(static v => v));
        assigner.Connect(new OperatorOutput<long>(_output, [], services.Metrics));
        assigner.Open(services);
        return assigner;
    }

    private static void Send(TimestampOperator<long> assigner, long watermark, Control? control, params long[] values)
    {
        var batch = BatchPool<long>.Rent();
        values.CopyTo(batch.Values, 0);
        batch.Count = values.Length;
        batch.Watermark = watermark;
        batch.Control = control;
        assigner.Receive(batch);
    }
}
