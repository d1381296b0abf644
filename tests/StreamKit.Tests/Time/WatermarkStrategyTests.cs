using StreamKit.Elements;

namespace StreamKit.Tests.Time;

public class WatermarkStrategyTests
{
    [Theory]
    [InlineData(0, 99)]
    [InlineData(30, 69)]
    [InlineData(1000, -901)]
    public void Watermark_BoundedOutOfOrderness_IsHighestMinusBoundMinusOne(int bound, long expected)
    {
        var progress = Milliseconds(w => w.BoundedOutOfOrderness(TimeSpan.FromMilliseconds(bound))).CreateProgress("test", EventTime.None);

        var watermark = progress.Advance(Records(3, 100, 50));

        Assert.Equal(expected, watermark);
        Assert.Equal(expected, progress.Watermark);
    }

    [Fact]
    public void Watermark_Monotonous_IsHighestMinusOne()
    {
        var progress = Milliseconds(w => w.Monotonous()).CreateProgress("test", EventTime.None);

        Assert.Equal(99, progress.Advance(Records(100, 100)));
    }

    [Fact]
    public void Watermark_LaterBatchIsLower_DoesNotFall()
    {
        var progress = Milliseconds(w => w.Monotonous()).CreateProgress("test", EventTime.None);
        progress.Advance(Records(100));

        Assert.Equal(99, progress.Advance(Records(7)));
        Assert.Equal(99, progress.Advance(Records()));
    }

    [Fact]
    public void Watermark_Restored_DoesNotFallBelowIt()
    {
        var progress = Milliseconds(w => w.Monotonous()).CreateProgress("test", restored: 500);

        Assert.Equal(500, progress.Watermark);
        Assert.Equal(500, progress.Advance(Records(100)));
        Assert.Equal(600, progress.Advance(Records(601)));
    }

    [Fact]
    public void Watermark_NearTheBeginningOfTime_DoesNotWrap()
    {
        var progress = Milliseconds(w => w.BoundedOutOfOrderness(TimeSpan.FromHours(1))).CreateProgress("test", EventTime.None);

        Assert.Equal(EventTime.None, progress.Advance(Records(long.MinValue + 5)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(256)]
    public void Watermark_HighestAnywhereInTheBatch_IsFound(int count)
    {
        for (var at = 0; at < count; at++)
        {
            var timestamps = new long[count];
            timestamps[at] = 10;
            var progress = Milliseconds(w => w.Monotonous()).CreateProgress("test", EventTime.None);

            Assert.Equal(9, progress.Advance(Records(timestamps)));
        }
    }

    [Fact]
    public void Watermark_OwnGenerator_SeesEveryRecordAndIsHeldBelowTheEnd()
    {
        var generator = new Recorder();
        var progress = Milliseconds(w => w.WithGenerator(() => generator)).CreateProgress("test", EventTime.None);

        var watermark = progress.Advance(Records(5, 9));
        generator.Next = long.MaxValue;
        var last = progress.Advance(Records(6));

        Assert.Equal([(5, 5), (9, 9), (6, 6)], generator.Seen);
        Assert.Equal(4, watermark);
        Assert.Equal(EventTime.End - 1, last);
    }

    [Fact]
    public void Timestamps_FromDateTimeOffset_AreUtcRoundedDown()
    {
        var strategy = new WatermarkStrategy<DateTimeOffset>().Monotonous().WithTimestamp(t => t);
        var batch = new Batch<DateTimeOffset>(4) { Count = 2 };
        batch.Values[0] = new DateTimeOffset(1970, 1, 1, 1, 0, 0, 5, TimeSpan.FromHours(1));
        batch.Values[1] = DateTimeOffset.UnixEpoch.AddTicks(-1);

        strategy.CreateProgress("test", EventTime.None).Advance(batch);

        Assert.Equal([5, -1], batch.TimestampSpan.ToArray());
    }

    [Fact]
    public void Timestamps_FromUtcDateTime_AreMillisecondsSinceTheEpoch()
    {
        var strategy = new WatermarkStrategy<DateTime>().Monotonous().WithTimestamp(t => t);
        var batch = new Batch<DateTime>(4) { Count = 2 };
        batch.Values[0] = DateTime.UnixEpoch.AddMilliseconds(1234);
        batch.Values[1] = DateTime.UnixEpoch.AddTicks(-1);

        strategy.CreateProgress("test", EventTime.None).Advance(batch);

        Assert.Equal([1234, -1], batch.TimestampSpan.ToArray());
    }

    [Theory]
    [InlineData(DateTimeKind.Unspecified)]
    [InlineData(DateTimeKind.Local)]
    public void Timestamps_FromDateTimeOfAnotherKind_Fail(DateTimeKind kind)
    {
        var strategy = new WatermarkStrategy<DateTime>().Monotonous().WithTimestamp(t => t);
        var batch = new Batch<DateTime>(4) { Count = 1 };
        batch.Values[0] = new DateTime(2026, 1, 2, 3, 4, 5, kind);

        var error = Assert.Throws<StreamKitException>(() => strategy.CreateProgress("test", EventTime.None).Advance(batch));

        Assert.Contains($"2026-01-02T03:04:05.000 of kind '{kind}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Timestamps_OfTheSource_AreKept()
    {
        var batch = new Batch<long>(4) { Count = 1, HasTimestamps = true };
        batch.Timestamps[0] = 77;

        var watermark = new WatermarkStrategy<long>().Monotonous().CreateProgress("test", EventTime.None).Advance(batch);

        Assert.Equal(76, watermark);
        Assert.Equal(77, batch.TimestampAt(0));
    }

    [Fact]
    public void Timestamps_FromNowhere_FailNamingTheOperator()
    {
        var batch = new Batch<long>(4) { Count = 1 };
        var progress = new WatermarkStrategy<long>().Monotonous().CreateProgress("orders", EventTime.None);

        var error = Assert.Throws<StreamKitException>(() => progress.Advance(batch));

        Assert.Contains("'orders'", error.Message, StringComparison.Ordinal);
        Assert.Contains("WithTimestamp", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Strategy_WithoutWatermarks_FailsNamingTheRemedy()
    {
        var error = Assert.Throws<StreamKitException>(() => new WatermarkStrategy<long>().WithTimestamp(t => t).CreateProgress("orders", EventTime.None));

        Assert.Contains("BoundedOutOfOrderness", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Strategy_Changed_LeavesTheOriginalAlone()
    {
        var original = new WatermarkStrategy<long>().Monotonous();

        var changed = original.WithIdleness(TimeSpan.FromSeconds(3)).WithTimestamp(t => t);

        Assert.Null(original.IdleTimeout);
        Assert.False(original.ReadsTimestamps);
        Assert.Equal(TimeSpan.FromSeconds(3), changed.IdleTimeout);
        Assert.True(changed.ReadsTimestamps);
        Assert.True(changed.MakesWatermarks);
    }

    [Fact]
    public void Strategy_ImpossibleSettings_AreRefused()
    {
        var strategy = new WatermarkStrategy<long>();

        Assert.Throws<ArgumentOutOfRangeException>(() => strategy.BoundedOutOfOrderness(TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => strategy.WithIdleness(TimeSpan.Zero));
    }

    [Fact]
    public void Advance_ManyBatches_AllocatesNothing()
    {
        var progress = Milliseconds(w => w.BoundedOutOfOrderness(TimeSpan.FromSeconds(1))).CreateProgress("test", EventTime.None);
        var batch = Records(1, 2, 3, 4, 5);
        progress.Advance(batch);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            progress.Advance(batch);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static WatermarkStrategy<long> Milliseconds(Func<WatermarkStrategy<long>, WatermarkStrategy<long>> configure) =>
        configure(new WatermarkStrategy<long>()).WithTimestamp(t => t);

    private static Batch<long> Records(params long[] timestamps)
    {
        var batch = new Batch<long>(Math.Max(1, timestamps.Length)) { Count = timestamps.Length };
        timestamps.CopyTo(batch.Values, 0);
        return batch;
    }

    private sealed class Recorder : WatermarkGenerator<long>
    {
        public List<(long Value, long Timestamp)> Seen { get; } = [];

        public long Next { get; set; } = 4;

        public override long Current => Next;

        public override void OnRecord(long value, long timestamp) => Seen.Add((value, timestamp));
    }
}
