using StreamKit.Elements;
using StreamKit.Operators;
using StreamKit.Tests.TestSupport;
using StreamKit.Windowing;

namespace StreamKit.Tests.Windowing;

public class WindowOperatorTests
{
    [Fact]
    public async Task OnWatermark_RecordsYearsApart_FiresBothWithoutTheWindowsBetween()
    {
        await using var harness = Harness(Tumbling(1));
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        harness.Send([(1, 0), (2, now)]);

        harness.Watermark(now);
        harness.Watermark(EventTime.End);

        Assert.Equal([0L, now], harness.Output.Records.Select(static record => record.Timestamp));
    }

    [Fact]
    public async Task OnWatermark_BelowTheLastMillisecond_DoesNotFire()
    {
        await using var harness = Harness(Tumbling(1000));
        harness.Send([(1, 0), (2, 999)]);

        harness.Watermark(998);
        Assert.Empty(harness.Output.Records);
        harness.Watermark(999);

        Assert.Equal([(3L, 999L)], harness.Output.Records);
    }

    [Fact]
    public async Task Process_LateRecord_IsDroppedAndCounted()
    {
        await using var harness = Harness(Tumbling(1000));
        harness.Watermark(999);

        harness.Send([(1, 0), (2, 999), (3, 1000)]);
        harness.Watermark(EventTime.End);

        Assert.Equal(2, harness.LateRecords);
        Assert.Equal([(3L, 1999L)], harness.Output.Records);
    }

    [Fact]
    public async Task Process_RecordWithoutTimestamp_FailsNamingTheRemedy()
    {
        await using var harness = Harness(Tumbling(1000));

        var error = Assert.ThrowsAny<StreamKitException>(() => harness.Send(1, EventTime.None));

        Assert.Contains("AssignTimestampsAndWatermarks", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Process_TimestampInAnotherUnit_FailsNamingIt()
    {
        await using var harness = Harness(Tumbling(1000));

        var error = Assert.ThrowsAny<StreamKitException>(() => harness.Send(1, long.MaxValue - 5));

        Assert.Contains("WithTimestamp", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_ThatDoNotComeBack_AreLetGo()
    {
        await using var harness = Harness(Tumbling(1000), static value => value);
        for (var window = 0; window < 20; window++)
        {
            harness.Send(Enumerable.Range(0, 1000).Select(i => ((window * 1000L) + i, (window * 1000L) + i)));
            harness.Watermark((window * 1000) + 999);
        }

        Assert.Equal(20_000, harness.Output.Records.Count);
        Assert.InRange(harness.LiveKeys, 0, 3000);
    }

    [Fact]
    public async Task Restore_WithOtherWindows_IsRefused()
    {
        await using var harness = Harness(Tumbling(1000));
        harness.Send(1, 5);
        var snapshot = harness.Cut().Write();
        await using var other = Harness(Tumbling(500));

        var error = Assert.Throws<StreamKitException>(() => other.Restore(snapshot, 1));

        Assert.Contains("1000 ms", error.Message, StringComparison.Ordinal);
    }

    private static WindowSettings<long> Tumbling(long size) => new(new WindowLayout(size, size, 0));

    private static OperatorHarness<long, long, long> Harness(WindowSettings<long> settings, Func<long, long>? key = null)
    {
        key ??= static _ => 0;
        return new OperatorHarness<long, long, long>(
            () => new WindowOperator<long, long, long, long, ReduceWindow<long, long, long>, SharedSite>(KeySelector<long, long>.Of(key), settings, new(static (sum, value) => sum + value, static (_, _, sum) => sum)),
            key,
            new SerializerRegistry());
    }
}
