using StreamKit.Checkpoints;

namespace StreamKit.Tests.Checkpoints;

public class PendingCheckpointTests
{
    private static readonly SubtaskId s_a = new("map", 0);
    private static readonly SubtaskId s_b = new("map", 1);
    private static readonly SubtaskId s_c = new("sink", 0);

    [Fact]
    public void Acknowledge_AllInAnyOrder_CompletesWithTheLast()
    {
        SubtaskId[][] orders = [[s_a, s_b, s_c], [s_a, s_c, s_b], [s_b, s_a, s_c], [s_b, s_c, s_a], [s_c, s_a, s_b], [s_c, s_b, s_a]];
        foreach (SubtaskId[] order in orders)
        {
            var pending = new PendingCheckpoint(1, [s_a, s_b, s_c]);

            ReportOutcome[] outcomes = [.. order.Select(s => pending.Acknowledge(Snapshot(s)))];

            Assert.Equal([ReportOutcome.Waiting, ReportOutcome.Waiting, ReportOutcome.Complete], outcomes);
            Assert.True(pending.IsComplete);
            Assert.Equal(order, pending.Snapshots.Select(s => s.Subtask));
        }
    }

    [Fact]
    public void Acknowledge_Twice_CountsOnce()
    {
        var pending = new PendingCheckpoint(1, [s_a, s_b]);

        pending.Acknowledge(Snapshot(s_a));
        ReportOutcome again = pending.Acknowledge(Snapshot(s_a));

        Assert.Equal(ReportOutcome.Ignored, again);
        Assert.False(pending.IsComplete);
        Assert.Equal([s_b], pending.Missing);
    }

    [Fact]
    public void Acknowledge_Stranger_IsIgnored()
    {
        var pending = new PendingCheckpoint(1, [s_a]);

        Assert.Equal(ReportOutcome.Ignored, pending.Acknowledge(Snapshot(s_c)));
        Assert.False(pending.IsComplete);
    }

    [Fact]
    public void Decline_One_FailsItForGood()
    {
        var cause = new IOException("disk full");
        var pending = new PendingCheckpoint(1, [s_a, s_b]);

        pending.Decline(s_a, cause);
        ReportOutcome late = pending.Acknowledge(Snapshot(s_b));

        Assert.Same(cause, pending.Failure);
        Assert.Equal(ReportOutcome.Ignored, late);
        Assert.False(pending.IsComplete);
        Assert.Empty(pending.Snapshots);
        Assert.Empty(pending.Missing);
    }

    [Fact]
    public void Decline_AfterAcknowledging_IsIgnored()
    {
        var pending = new PendingCheckpoint(1, [s_a, s_b]);
        pending.Acknowledge(Snapshot(s_a));

        Assert.Equal(ReportOutcome.Ignored, pending.Decline(s_a, new IOException()));
        Assert.Null(pending.Failure);
    }

    [Fact]
    public void Fail_Twice_KeepsTheFirstCause()
    {
        var first = new TimeoutException();
        var pending = new PendingCheckpoint(1, [s_a]);

        pending.Fail(first);
        pending.Fail(new IOException());

        Assert.Same(first, pending.Failure);
        Assert.False(pending.IsComplete);
    }

    [Fact]
    public void IsComplete_WithoutParticipants_IsTrueAtOnce() => Assert.True(new PendingCheckpoint(1, []).IsComplete);

    private static SubtaskSnapshot Snapshot(SubtaskId subtask) => new(subtask, []);
}
