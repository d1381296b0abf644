using StreamKit.Elements;
using StreamKit.Runtime;

namespace StreamKit.Tests.Runtime;

public class WatermarkMergerTests
{
    [Fact]
    public void Advance_OneOfTwo_WaitsForTheOther()
    {
        var merger = new WatermarkMerger(2, EventTime.None);

        Assert.False(merger.Advance(0, 10));
        Assert.True(merger.Advance(1, 5));

        Assert.Equal(5, merger.Current);
    }

    [Fact]
    public void SetIdle_OfTheLowest_RaisesTheMinimumAtOnce()
    {
        var merger = new WatermarkMerger(2, EventTime.None);
        merger.Advance(0, 10);

        Assert.True(merger.SetIdle(1, true));

        Assert.Equal(10, merger.Current);
        Assert.False(merger.IsIdle);
    }

    [Fact]
    public void SetIdle_OfAll_IsIdleAndKeepsTheWatermark()
    {
        var merger = new WatermarkMerger(2, EventTime.None);
        merger.Advance(0, 10);
        merger.Advance(1, 7);
        merger.SetIdle(0, true);
        merger.SetIdle(1, true);

        Assert.True(merger.IsIdle);
        Assert.Equal(7, merger.Current);
    }

    [Fact]
    public void Advance_OfAnInputThatWasIdle_NeverLowersTheMinimum()
    {
        var merger = new WatermarkMerger(2, EventTime.None);
        merger.SetIdle(1, true);
        merger.Advance(0, 10);

        merger.SetIdle(1, false);
        merger.Advance(1, 3);

        Assert.Equal(10, merger.Current);
    }

    [Fact]
    public void End_OfAll_IsTheEndOfTime()
    {
        var merger = new WatermarkMerger(2, EventTime.None);
        merger.Advance(0, 10);

        Assert.True(merger.End(1));
        Assert.Equal(10, merger.Current);
        Assert.False(merger.IsEnded);
        Assert.True(merger.End(0));

        Assert.Equal(EventTime.End, merger.Current);
        Assert.True(merger.IsEnded);
    }

    [Fact]
    public void Restored_StartsAtTheCheckpointsWatermark()
    {
        var merger = new WatermarkMerger(2, 42);

        Assert.Equal(42, merger.Current);
        Assert.False(merger.Advance(0, 41));
        Assert.False(merger.Advance(0, 50));
        Assert.True(merger.Advance(1, 45));
        Assert.Equal(45, merger.Current);
    }
}
