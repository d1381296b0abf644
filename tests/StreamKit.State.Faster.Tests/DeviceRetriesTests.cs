namespace StreamKit.State.Faster.Tests;

public class DeviceRetriesTests
{
    [Fact]
    public void WaitAfter_EachFailure_WaitsLongerAndThenGivesUp()
    {
        var pauses = new List<TimeSpan>();
        var retries = new DeviceRetries(TimeProvider.System, attempts: 4, TimeSpan.FromMilliseconds(1), pauses.Add);

        var goesOn = Enumerable.Range(1, 4).Select(retries.WaitAfter).ToArray();

        Assert.Equal([true, true, true, false], goesOn);
        Assert.Equal([1, 4, 16], pauses.Select(pause => pause.TotalMilliseconds));
    }

    [Fact]
    public void WaitAfter_WithAClockOnly_WaitsForItsTimer()
    {
        var retries = new DeviceRetries(TimeProvider.System, attempts: 2, TimeSpan.FromMilliseconds(1));

        Assert.True(retries.WaitAfter(1));
        Assert.False(retries.WaitAfter(2));
    }
}
