using StreamKit.Windowing;

namespace StreamKit.Tests.Windowing;

public class WindowLayoutTests
{
    [Theory]
    [InlineData(100, 100, 0, 0, 0, 100, 100)]
    [InlineData(100, 100, 0, 99, 0, 100, 100)]
    [InlineData(100, 100, 0, 100, 100, 200, 200)]
    [InlineData(100, 100, 0, -1, -100, 0, 0)]
    [InlineData(100, 100, 30, 29, -70, 30, 30)]
    [InlineData(100, 100, -30, 70, 70, 170, 170)]
    [InlineData(100, 20, 0, 45, 40, 60, 140)]
    [InlineData(100, 20, 0, -5, -20, 0, 80)]
    [InlineData(100, 30, 0, 5, 0, 10, 100)] // cut at 0 and 10 of every 30: windows end at 10, 40, 70, 100
    [InlineData(100, 30, 0, 15, 10, 40, 100)]
    [InlineData(50, 80, 0, 49, 0, 50, 50)]
    public void Slice_OfATimestamp_IsWhereWindowsStartOrEnd(long size, long slide, long offset, long timestamp, long start, long firstEnd, long lastEnd)
    {
        var layout = new WindowLayout(size, slide, offset);

        Assert.Equal(start, layout.SliceStart(timestamp));
        Assert.True(layout.IsInWindow(start));
        Assert.Equal(firstEnd, layout.FirstWindowEnd(start));
        Assert.Equal(lastEnd, layout.LastWindowEnd(start));
    }

    [Fact]
    public void Slice_BetweenWindows_IsInNone()
    {
        var layout = new WindowLayout(50, 80, 0);

        Assert.False(layout.IsInWindow(layout.SliceStart(50)));
        Assert.False(layout.IsInWindow(layout.SliceStart(79)));
        Assert.True(layout.IsInWindow(layout.SliceStart(80)));
    }

    [Theory]
    [InlineData(100, 100, 0)]
    [InlineData(100, 20, 7)]
    [InlineData(100, 30, -4)]
    [InlineData(50, 80, 15)]
    public void Slices_OfAllTimestamps_FollowOneAnotherAndAreWholeInEachWindow(long size, long slide, long offset)
    {
        var layout = new WindowLayout(size, slide, offset);
        for (var timestamp = -500L; timestamp < 500; timestamp++)
        {
            var start = layout.SliceStart(timestamp);

            Assert.InRange(timestamp, start, start + layout.SliceLength(start) - 1);
            Assert.Equal(start, layout.SliceStart(start));
            Assert.Equal(start + layout.SliceLength(start), layout.SliceStart(start + layout.SliceLength(start)));
        }
    }

    [Fact]
    public void Windows_OfImpossibleSizes_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TumblingEventTimeWindows.Of(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => TumblingEventTimeWindows.Of(TimeSpan.FromTicks(5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => SlidingEventTimeWindows.Of(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => SlidingEventTimeWindows.Of(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromTicks(1)));
    }

    [Fact]
    public void Window_StartAndEnd_AreInstants()
    {
        var window = new TimeWindow(-1000, 59_000);

        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(-1), window.Start);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(59), window.End);
        Assert.Equal(TimeSpan.FromMinutes(1), window.Size);
        Assert.Equal(58_999, window.MaxTimestamp);
    }
}
