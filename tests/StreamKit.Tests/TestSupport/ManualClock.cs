namespace StreamKit.Tests.TestSupport;

/// <summary>A clock that a test moves.</summary>
internal sealed class ManualClock(long now = 0) : TimeProvider
{
    public long Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Now);
}
