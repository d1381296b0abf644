using Microsoft.Extensions.Logging;
using StreamKit.Checkpoints;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Runtime;

/// <summary>Jobs that crash, and whose newest checkpoint is then damaged.</summary>
public class DamagedCheckpointTests
{
    private const int Count = 2_000;
    private const int Keys = 150;
    private readonly InMemoryCheckpointStore _store = new();
    private readonly OutsideWorld<string> _world = new();

    public enum Damage
    {
        LogEntry,
        Segment,
        SegmentMissing,
    }

    [Theory]
    [InlineData(Damage.LogEntry)]
    [InlineData(Damage.Segment)]
    [InlineData(Damage.SegmentMissing)]
    public void Start_FromADamagedCheckpoint_IsRefusedAndTouchesNothing(Damage damage)
    {
        CrashAfterCheckpoint(4);
        var (_, damaged, named) = DamageNewest(damage);
        var (stored, committed, prepared) = (_store.Names, _world.Committed.Count, _world.Prepared);

        var error = Assert.Throws<CheckpointDamagedException>(() => Job(2, allow: false).Complete());

        Assert.Equal(named, error.ObjectName);
        Assert.Contains(damage == Damage.LogEntry ? $"entry ({damaged.Number})" : $"checkpoint {damaged.Number}", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Contains("CheckpointOptions.FallBackFromDamagedCheckpoint", error.Message, StringComparison.Ordinal);
        Assert.Empty(stored.Except(_store.Names));
        Assert.InRange(_store.Names.Count - stored.Count, 0, 1); // a claim of the same checkpoint
        Assert.Equal((committed, prepared), (_world.Committed.Count, _world.Prepared));
    }

    [Theory]
    [InlineData(Damage.LogEntry)]
    [InlineData(Damage.Segment)]
    [InlineData(Damage.SegmentMissing)]
    public void Restart_FromADamagedCheckpoint_EndsTheJobWhateverTheStrategy(Damage damage)
    {
        bool fails = false;
        var job = Job(1, allow: false, RestartStrategy.FixedDelay(int.MaxValue, TimeSpan.FromMilliseconds(10)), () =>
        {
            if (fails)
                throw new IOException("away");
        });
        while (NewestEntry() <= 4 || _world.Prepared > 0)
            Assert.False(job.Step(1));
        var (_, damaged, named) = DamageNewest(damage);

        fails = true;
        for (int step = 0; step < 1_000 && job.Job.Status is not JobStatus.Failed; step++)
            job.Step(1);
        var error = Assert.Throws<JobFailedException>(() => job.Complete());

        Assert.Equal(2, error.Failures.Count);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.InRange(ClaimsAfter(damaged.Number).Count(), 0, 1);
    }

    [Fact]
    public void Start_WhereGoingBackIsAllowed_LogsWhatIsDamagedAndNotTheOptionThatIsSet()
    {
        CrashAfterCheckpoint(4);
        var (_, _, named) = DamageNewest(Damage.Segment);
        var logger = new RecordingLogger();

        Job(2, allow: true, logger: logger).Complete();

        string logged = Assert.Single(logger.Lines, line => line.Contains("goes back to checkpoint", StringComparison.Ordinal));
        Assert.Contains(named, logged, StringComparison.Ordinal);
        Assert.DoesNotContain("FallBackFromDamagedCheckpoint", logged, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Damage.LogEntry)]
    [InlineData(Damage.Segment)]
    [InlineData(Damage.SegmentMissing)]
    public void Start_WhereGoingBackIsAllowed_ProcessesAgainWhatCameAfterTheCheckpointBefore(Damage damage)
    {
        CrashAfterCheckpoint(4);
        var (before, _, _) = DamageNewest(damage);
        var committed = _world.Committed;

        var job = Job(2, allow: true);
        job.Complete();

        var claim = ClaimsAfter(before.Number).Last();
        Assert.Equal(before.Number, claim.Manifest!.Number);
        Assert.Equal(before.Number, claim.Retained[^1]);
        Assert.Equal(Expected(), _world.Committed.Distinct().Order(StringComparer.Ordinal));
        var repeated = _world.Committed.GroupBy(row => row).Where(row => row.Count() > 1).ToList();
        Assert.All(repeated, row => Assert.Contains(row.Key, committed));
        Assert.NotEmpty(repeated);
    }

    [Theory]
    [InlineData(Damage.LogEntry)]
    [InlineData(Damage.Segment)]
    public void Start_WhereGoingBackIsAllowed_DiscardsWhatWasPreparedButNotCommitted(Damage damage)
    {
        // The newest checkpoint is there, and its transactions are not committed yet.
        CrashAfterCheckpoint(4, beforeItsCommit: true);
        DamageNewest(damage);

        Job(2, allow: true).Complete();

        Assert.Equal(Expected(), _world.Committed.Order(StringComparer.Ordinal));
        Assert.Equal(0, _world.Prepared);
    }

    [Fact]
    public void Start_WithSeveralDamaged_GoesBackToTheNewestThatIsWhole()
    {
        CrashAfterCheckpoint(5);
        var checkpoints = Checkpoints();
        DamageSegment(checkpoints[^1]);
        DamageSegment(checkpoints[^2]);

        Job(2, allow: true).Complete();

        var last = ClaimsAfter(checkpoints[^1].Number).Last();
        Assert.Equal(checkpoints[^3].Number, last.Manifest!.Number);
        Assert.Equal(Expected(), _world.Committed.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Start_WithAllDamaged_IsRefusedAndListsThem()
    {
        CrashAfterCheckpoint(5);
        var checkpoints = Checkpoints();
        checkpoints.ForEach(DamageSegment);

        var error = Assert.ThrowsAny<StreamKitException>(() => Job(2, allow: true).Complete());

        Assert.Contains("no checkpoint in 'memory' is left to go back to", error.Message, StringComparison.Ordinal);
        Assert.All(checkpoints, checkpoint => Assert.Contains(
            checkpoint.ObjectNames, name => error.Message.Contains($"- Checkpoint {checkpoint.Number}: The stored object '{name}' is damaged", StringComparison.Ordinal)));
    }

    [Fact]
    public void Start_AfterARunThatWentBack_GoesOnFromWhereItWentBackTo()
    {
        CrashAfterCheckpoint(4);
        var (before, _, _) = DamageNewest(Damage.Segment);
        var crashed = Job(2, allow: true);
        while (ClaimsAfter(before.Number).LastOrDefault()?.Manifest!.Number != before.Number)
            crashed.Step(1); // and no checkpoint of its own

        Job(3, allow: false).Complete();

        Assert.Equal(before.Number, ClaimsAfter(before.Number).Last().Manifest!.Number);
        Assert.Equal(Expected(), _world.Committed.Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>Every sum per key of what a job emits that was never disturbed: a state that lost or repeated a record would give others.</summary>
    private static IEnumerable<string> Expected()
    {
        var sums = new long[Keys];
        var rows = new List<string>();
        for (long x = 0; x < Count; x++)
            rows.Add(Row(sums[x % Keys] += x));
        return rows.Order(StringComparer.Ordinal);
    }

    /// <summary>Long, so that the state of some keys is too much to travel in the log entry.</summary>
    private static string Row(long sum) => $"{sum}{new string('.', 200)}";

    private SimulatedJob Job(ulong seed, bool allow, RestartStrategy? restarts = null, Action? onRecord = null, ILogger? logger = null) => new(seed, DateTimeOffset.UnixEpoch, builder =>
    {
        builder.Parallelism = 1;
        builder.ReadAtOnceBytes = long.MaxValue;
        builder.RestartStrategy = restarts ?? RestartStrategy.None;
        builder.Logger = logger ?? builder.Logger;
        builder.UseCheckpoints(_store, TimeSpan.FromMilliseconds(100));
        builder.Checkpoints.FallBackFromDamagedCheckpoint = allow;
        builder.FromSource("numbers", Source.Range(0, Count).WithRateLimit(2_000))
            .Map(x =>
            {
                onRecord?.Invoke();
                return x;
            })
            .KeyBy(x => x % Keys)
            .Scan("sum", () => Row(0), (sum, x) => Row(long.Parse(sum.TrimEnd('.'), null) + x))
            .SinkTo("out", _world.AsSink());
    });

    /// <summary>Runs the job until it has taken some checkpoints with state in objects of their own, and lets it stand.</summary>
    private void CrashAfterCheckpoint(int checkpoints, bool beforeItsCommit = false)
    {
        var job = Job(1, allow: false);
        while (NewestEntry() <= checkpoints || (!beforeItsCommit && _world.Prepared > 0)) // the first entry is the claim
            Assert.False(job.Step(1));

        Assert.NotEmpty(_world.Committed);
        Assert.Equal(beforeItsCommit, _world.Prepared > 0);
        Assert.Equal(checkpoints + 1, NewestEntry());
    }

    private long NewestEntry() => _store.Names.Max(StoredNames.LogEntryNumber) ?? 0;

    private (CheckpointManifest Before, CheckpointManifest Damaged, string Named) DamageNewest(Damage damage)
    {
        var checkpoints = Checkpoints();
        var (before, newest) = (checkpoints[^2], checkpoints[^1]);
        var name = damage == Damage.LogEntry ? StoredNames.LogEntry(newest.Number) : NewestObject(newest);
        if (damage == Damage.SegmentMissing)
            Assert.True(_store.DeleteAsync([name], default).AsTask().IsCompletedSuccessfully);
        else
            _store.Damage(name, FlipInTheMiddle);
        return (before, newest, name);
    }

    private void DamageSegment(CheckpointManifest checkpoint) => _store.Damage(NewestObject(checkpoint), FlipInTheMiddle);

    /// <summary>The object that the checkpoint before does not need.</summary>
    private static string NewestObject(CheckpointManifest checkpoint) =>
        checkpoint.Operators.SelectMany(each => each.Segments).Where(segment => segment.ObjectName is not null).MaxBy(segment => segment.Sequence)!.ObjectName!; // each checkpoint has state of its own

    private static byte[] FlipInTheMiddle(byte[] bytes)
    {
        bytes[bytes.Length / 2] ^= 4;
        return bytes;
    }

    private List<CheckpointManifest> Checkpoints() => [.. Entries().Where(entry => entry.Kind == LogEntryKind.Checkpoint).Select(entry => entry.Manifest!)]; // a checkpoint has one

    private IEnumerable<LogEntry> ClaimsAfter(long number) => Entries().Where(entry => entry.Kind == LogEntryKind.Claim && entry.Number > number);

    private IEnumerable<LogEntry> Entries()
    {
        foreach (var name in _store.Names.Where(name => name.StartsWith(StoredNames.LogPrefix, StringComparison.Ordinal)))
        {
            LogEntry? entry = null;
            try
            {
                entry = LogEntryFormat.Decode(name, _store.Content(name));
            }
            catch (CheckpointDamagedException)
            {
                // The one that the test has damaged.
            }

            if (entry is not null)
                yield return entry;
        }
    }
}
