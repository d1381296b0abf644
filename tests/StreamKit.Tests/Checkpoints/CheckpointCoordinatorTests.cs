using Microsoft.Extensions.Logging.Abstractions;
using StreamKit.Checkpoints;
using StreamKit.State;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints;

public class CheckpointCoordinatorTests
{
    private static readonly SubtaskId s_a = new("map", 0);
    private static readonly SubtaskId s_b = new("map", 1);

    private readonly ManualTimeProvider _clock = new();
    private readonly ManualContext _context = new();
    private readonly InMemoryCheckpointStore _store = new();
    private readonly RecordingCommitter _sink = new();
    private readonly List<CheckpointRequest> _requests = [];
    private readonly List<Exception> _failures = [];
    private readonly List<CheckpointResult> _completed = [];
    private int _identities;

    [Fact]
    public void Start_IntervalPasses_AsksTheSourcesOnceUntilComplete()
    {
        CheckpointCoordinator coordinator = Start(new CheckpointOptions { Interval = TimeSpan.FromSeconds(10) });

        Advance(9);
        Assert.Empty(_requests);
        Advance(1);
        Advance(30);

        Assert.Equal([new CheckpointRequest(1, CheckpointKind.Periodic)], _requests);
        Acknowledge(coordinator, 1);
        Assert.Equal(2, Assert.Single(_completed).Number);
        Advance(0);
        Assert.Equal(2, _requests.Count);
    }

    [Fact]
    public void Start_MinimumPause_CountsFromTheEndOfTheLastCheckpoint()
    {
        CheckpointCoordinator coordinator = Start(new CheckpointOptions { Interval = TimeSpan.FromSeconds(10), MinimumPause = TimeSpan.FromSeconds(7) });
        Advance(10);
        Advance(8);

        Acknowledge(coordinator, 1);
        Advance(6.9);
        int before = _requests.Count;
        Advance(0.1);

        Assert.Equal(1, before);
        Assert.Equal(2, _requests.Count);
    }

    [Fact]
    public void Acknowledge_OneOfTwo_CommitsNothing()
    {
        CheckpointCoordinator coordinator = Start();
        Task<CheckpointResult> checkpoint = Trigger(coordinator);

        coordinator.Acknowledge(1, Snapshot(s_a, "t1"));
        _context.RunAll();

        Assert.False(checkpoint.IsCompleted);
        Assert.Empty(_sink.Committed);
        Assert.Equal(["log/00000000000000000001"], _store.Names);
    }

    [Fact]
    public async Task Acknowledge_Last_WritesTheEntryThenCommitsThenAbortsOrphans()
    {
        CheckpointCoordinator coordinator = Start();
        _sink.Before = () => Assert.Contains("log/00000000000000000002", _store.Names);

        Task<CheckpointResult> checkpoint = Trigger(coordinator);
        Acknowledge(coordinator, 1, "t1", "t2");

        CheckpointResult result = await checkpoint;
        Assert.Equal((1L, 2L, CheckpointKind.Manual), (result.Id, result.Number, result.Kind));
        Assert.Equal(["t1", "t2"], _sink.Committed);
        Assert.Equal(["commit t1 t2", "abort <1 keep "], _sink.Calls);
    }

    [Fact]
    public void Acknowledge_NoStore_CommitsTheSinks()
    {
        CheckpointCoordinator coordinator = Start(log: false);

        Task<CheckpointResult> checkpoint = Trigger(coordinator);
        Acknowledge(coordinator, 1, "t1");

        Assert.Equal(0, Done(checkpoint).Number);
        Assert.Equal(["commit t1"], _sink.Calls);
    }

    [Fact]
    public void Decline_Transactions_PassToTheNextCheckpoint()
    {
        CheckpointCoordinator coordinator = Start(new CheckpointOptions { Interval = null, TolerableFailures = 1 });
        Task<CheckpointResult> first = Trigger(coordinator);
        coordinator.Acknowledge(1, Snapshot(s_a, "a1"));
        coordinator.Decline(1, s_b, new IOException("disk full"), [new PreparedTransaction("out", "b1", default)]);
        _context.RunAll();

        Task<CheckpointResult> second = Trigger(coordinator);
        Acknowledge(coordinator, 2, "a2", "b2");

        Assert.Contains("disk full", first.Exception!.InnerException!.Message);
        Assert.Contains("'map' subtask 1", first.Exception!.InnerException!.Message);
        Assert.True(second.IsCompletedSuccessfully);
        Assert.Equal(["a1", "b1", "a2", "b2"], _sink.Committed);
        Assert.Empty(_failures);
    }

    [Fact]
    public void Timeout_LateReport_IsWaitedForByTheNextManifest()
    {
        CheckpointCoordinator coordinator = Start(new CheckpointOptions { Interval = null, Timeout = TimeSpan.FromSeconds(60), TolerableFailures = 1 });
        Task<CheckpointResult> first = Trigger(coordinator);
        coordinator.Acknowledge(1, Snapshot(s_a, "a1"));
        Advance(60);
        Task<CheckpointResult> second = Trigger(coordinator);
        Acknowledge(coordinator, 2, "a2", "b2");
        bool early = second.IsCompleted;

        coordinator.Acknowledge(1, Snapshot(s_b, "b1"));
        _context.RunAll();

        Assert.Contains("still waiting for 'map' subtask 1", first.Exception!.InnerException!.Message);
        Assert.False(early);
        Assert.True(second.IsCompletedSuccessfully);
        Assert.Equal(["a1", "a2", "b1", "b2"], _sink.Committed.Order());
        Assert.Equal(["a1", "a2", "b1", "b2"], Claim().Base!.Transactions.Select(t => t.Id).Order());
    }

    [Fact]
    public void Decline_MoreOftenThanTolerated_FailsTheJobOnce()
    {
        CheckpointCoordinator coordinator = Start(new CheckpointOptions { Interval = null, TolerableFailures = 1 });

        for (int id = 1; id <= 3; id++)
        {
            Trigger(coordinator);
            coordinator.Decline(id, s_a, new IOException($"fault {id}"), []);
            coordinator.Decline(id, s_b, new IOException($"fault {id}"), []);
            _context.RunAll();
        }

        Assert.Contains("2 checkpoints in a row failed, 1 are tolerated. Last failure", Assert.Single(_failures).Message);
        Assert.Equal(2, _requests.Count);
    }

    [Fact]
    public void Acknowledge_CompletedInBetween_FailuresInARowStartAfresh()
    {
        CheckpointCoordinator coordinator = Start(new CheckpointOptions { Interval = null, TolerableFailures = 1 });

        for (int id = 1; id <= 6; id += 2)
        {
            Trigger(coordinator);
            coordinator.Decline(id, s_a, new IOException("fault"), []);
            coordinator.Decline(id, s_b, new IOException("fault"), []);
            Trigger(coordinator);
            Acknowledge(coordinator, id + 1);
        }

        Assert.Empty(_failures);
        Assert.Equal(3, _completed.Count);
    }

    [Fact]
    public void Trigger_WhileOneIsTaken_WaitsForIt()
    {
        CheckpointCoordinator coordinator = Start();
        Task<CheckpointResult> first = Trigger(coordinator);
        Task<CheckpointResult> second = Trigger(coordinator, CheckpointKind.Stop);
        int asked = _requests.Count;

        Acknowledge(coordinator, 1);
        Acknowledge(coordinator, 2);

        Assert.Equal(1, asked);
        Assert.Equal(1, Done(first).Id);
        Assert.Equal(CheckpointKind.Stop, Done(second).Kind);
    }

    [Fact]
    public void Trigger_AfterStopOrFinal_IsRefused()
    {
        CheckpointCoordinator coordinator = Start(new CheckpointOptions { Interval = TimeSpan.FromSeconds(1) });
        Trigger(coordinator, CheckpointKind.Final);
        Acknowledge(coordinator, 1);

        Task<CheckpointResult> late = Trigger(coordinator);
        Advance(100);

        Assert.Contains("no checkpoints any more", late.Exception!.InnerException!.Message);
        Assert.Single(_requests);
        Assert.Equal(0, _clock.ArmedTimers);
        Assert.True(Claim().Base!.Finished);
    }

    [Fact]
    public void Commit_SinkFailsOnce_IsTriedAgainAtTheNextCheckpoint()
    {
        CheckpointCoordinator coordinator = Start();
        _sink.FailingCommits = 1;
        Trigger(coordinator);
        Acknowledge(coordinator, 1, "t1");

        Trigger(coordinator);
        Acknowledge(coordinator, 2, "t2");

        Assert.Equal(["t1", "t2"], _sink.Committed);
        Assert.Equal(["t1", "t2"], Claim().Base!.Transactions.Select(t => t.Id));
        Assert.Empty(_failures);
    }

    [Fact]
    public void Commit_SinkFailsTwice_FailsTheJobWithTheTransactionsNamed()
    {
        CheckpointCoordinator coordinator = Start();
        _sink.FailingCommits = 2;
        Trigger(coordinator);
        Acknowledge(coordinator, 1, "t1");
        Trigger(coordinator);

        Acknowledge(coordinator, 2, "t2");

        Assert.Contains("sink 'out' could not commit 2 transactions", Assert.Single(_failures).Message);
        Assert.Equal(["t1", "t2"], Claim().Base!.Transactions.Select(t => t.Id));
    }

    [Fact]
    public void Commit_LastCheckpoint_TriesAgainAtOnce()
    {
        CheckpointCoordinator coordinator = Start();
        _sink.FailingCommits = 2;
        Task<CheckpointResult> last = Trigger(coordinator, CheckpointKind.Final);
        Acknowledge(coordinator, 1, "t1");

        Advance(1);
        Advance(1);

        Assert.True(last.IsCompletedSuccessfully);
        Assert.Equal(["t1"], _sink.Committed);
    }

    [Fact]
    public void Recover_TransactionsOfTheBase_AreCommittedAndOthersOfLowerClaimsAborted()
    {
        CheckpointCoordinator crashed = Start();
        _sink.FailingCommits = 1;
        Trigger(crashed);
        Acknowledge(crashed, 1, "t1");
        _sink.Calls.Clear();

        CheckpointCoordinator next = Start();
        _context.Run(() => next.RecoverAsync(default));

        Assert.Equal(["commit t1", "abort <3 keep t1"], _sink.Calls);
    }

    [Fact]
    public void Acknowledge_JobTakenOver_FailsForGoodAndNeitherCommitsNorAborts()
    {
        CheckpointCoordinator zombie = Start();
        Trigger(zombie);
        Claim();

        Acknowledge(zombie, 1, "t1");
        Task<CheckpointResult> later = Trigger(zombie);

        Assert.IsType<JobFencedException>(Assert.Single(_failures));
        Assert.Empty(_sink.Calls);
        Assert.True(later.IsFaulted);
    }

    [Fact]
    public void Acknowledge_AnswerOfTheStoreLost_IsCommittedOnce()
    {
        CheckpointCoordinator coordinator = Start();
        int lost = 0;
        _store.After = (call, _) =>
        {
            if (call == StoreCall.TryCreate && lost++ < 2)
            {
                throw new IOException("connection reset");
            }
        };

        Task<CheckpointResult> checkpoint = Trigger(coordinator);
        Acknowledge(coordinator, 1, "t1");
        Advance(0.1);
        Advance(0.2);

        Assert.Equal(2, Done(checkpoint).Number);
        Assert.Equal(["t1"], _sink.Committed);
    }

    [Fact]
    public void Acknowledge_OutcomeStaysUnknown_FailsWithoutCommitting()
    {
        CheckpointCoordinator coordinator = Start();
        _store.Before = (call, _) => call == StoreCall.TryCreate ? throw new IOException("unreachable") : ValueTask.CompletedTask;

        Task<CheckpointResult> checkpoint = Trigger(coordinator);
        Acknowledge(coordinator, 1, "t1");
        for (int i = 0; i < 7; i++)
        {
            Advance(5);
        }

        Assert.True(checkpoint.IsFaulted);
        Assert.Contains("is unknown after 8 attempts", Assert.Single(_failures).Message);
        Assert.Empty(_sink.Calls);
    }

    [Fact]
    public void Acknowledge_ManySmallSegments_TravelInOneObject()
    {
        CheckpointCoordinator coordinator = Start();
        byte[][] segments = [.. Enumerable.Range(0, 6).Select(i => Enumerable.Repeat((byte)i, 16_000).ToArray())];
        Trigger(coordinator);

        coordinator.Acknowledge(1, Snapshot(s_a, segments[..3]));
        coordinator.Acknowledge(1, Snapshot(s_b, segments[3..]));
        _context.RunAll();

        string pack = Assert.Single(_store.Names, n => n.StartsWith("data/", StringComparison.Ordinal));
        Assert.Equal("data/00000000000000000001/0000000001-pack", pack);
        byte[] content = _store.Content(pack);
        SegmentReference[] references = [.. Claim().Base!.Operators.Single().Segments];
        Assert.Equal(6, references.Length);
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(pack, references[i].ObjectName);
            Assert.Equal(segments[i], content[(int)references[i].Offset..(int)(references[i].Offset + references[i].Length)]);
        }
    }

    [Fact]
    public void Acknowledge_FewSmallSegments_TravelInTheManifest()
    {
        CheckpointCoordinator coordinator = Start();
        Trigger(coordinator);

        coordinator.Acknowledge(1, Snapshot(s_a, [[1, 2, 3]]));
        coordinator.Acknowledge(1, Snapshot(s_b, [[4, 5]]));
        _context.RunAll();

        Assert.DoesNotContain(_store.Names, n => n.StartsWith("data/", StringComparison.Ordinal));
        Assert.Equal([[1, 2, 3], [4, 5]], Claim().Base!.Operators.Single().Segments.Select(s => s.Inline.ToArray()));
    }

    [Fact]
    public void Trigger_SourcesCannotBeAsked_FailsTheCheckpoint()
    {
        CheckpointCoordinator coordinator = Start(new CheckpointOptions { Interval = null, TolerableFailures = 1 }, trigger: r =>
        {
            if (r.Id == 1)
            {
                throw new InvalidOperationException("no sources yet");
            }
        });

        Task<CheckpointResult> first = Trigger(coordinator);
        Task<CheckpointResult> second = Trigger(coordinator);
        Acknowledge(coordinator, 2);

        Assert.True(first.IsFaulted);
        Assert.True(second.IsCompletedSuccessfully);
    }

    [Fact]
    public void Stop_CheckpointUnderWay_IsGivenUpAndNothingIsLeftArmed()
    {
        CheckpointCoordinator coordinator = Start(new CheckpointOptions { Interval = TimeSpan.FromSeconds(1) });
        Task<CheckpointResult> checkpoint = Trigger(coordinator);

        _context.Run(() => coordinator.StopAsync());
        _context.Run(() => coordinator.StopAsync());
        Acknowledge(coordinator, 1, "t1");

        Assert.True(checkpoint.IsFaulted);
        Assert.Equal(0, _clock.ArmedTimers);
        Assert.Empty(_sink.Calls);
        Assert.Empty(_failures);
    }

    private CheckpointCoordinator Start(CheckpointOptions? options = null, bool log = true, Action<CheckpointRequest>? trigger = null)
    {
        var coordinator = new CheckpointCoordinator(new CheckpointCoordinatorSetup
        {
            JobName = "job",
            Options = options ?? new CheckpointOptions { Interval = null },
            TimeProvider = _clock,
            Logger = NullLogger.Instance,
            Context = _context,
            Log = log ? Claim() : null,
            Participants = [s_a, s_b],
            Committers = new Dictionary<string, ICheckpointCommitter> { ["out"] = _sink },
            TriggerSources = trigger ?? _requests.Add,
            OnFailure = _failures.Add,
            OnCompleted = _completed.Add,
        });
        coordinator.Start();
        _context.RunAll();
        return coordinator;
    }

    private CheckpointLog Claim() => _context.Run(async () => await CheckpointLog.ClaimAsync(
        _store, "job", 128, 3, new RunnerClaims(), () => new Guid(++_identities, 0, 0, new byte[8]), _clock, NullLogger.Instance, default));

    private Task<CheckpointResult> Trigger(CheckpointCoordinator coordinator, CheckpointKind kind = CheckpointKind.Manual)
    {
        Task<CheckpointResult> checkpoint = coordinator.TriggerAsync(kind);
        _context.RunAll();
        return checkpoint;
    }

    private void Acknowledge(CheckpointCoordinator coordinator, long id, string? a = null, string? b = null)
    {
        coordinator.Acknowledge(id, Snapshot(s_a, a));
        coordinator.Acknowledge(id, Snapshot(s_b, b));
        _context.RunAll();
    }

    private void Advance(double seconds)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        _context.RunAll();
        _clock.Advance(TimeSpan.Zero);
        _context.RunAll();
    }

    private static T Done<T>(Task<T> task)
    {
        Assert.True(task.IsCompletedSuccessfully, task.Exception?.ToString());
        return task.Result;
    }

    private static SubtaskSnapshot Snapshot(SubtaskId subtask, string? transaction) => new(
        subtask,
        [
            new OperatorSnapshot
            {
                OperatorName = "out",
                Parallelism = 2,
                Subtask = subtask.Index,
                Watermark = 0,
                Prepared = transaction is null ? [] : [new PreparedTransaction("out", transaction, default)],
            },
        ]);

    private static SubtaskSnapshot Snapshot(SubtaskId subtask, byte[][] segments) => new(
        subtask,
        [
            new OperatorSnapshot
            {
                OperatorName = "count",
                Parallelism = 2,
                Subtask = subtask.Index,
                Watermark = 0,
                Segments = [.. segments.Select(s => new SegmentReference { Inline = s, Length = s.Length, KeyGroups = new KeyGroupRange(0, 63), Sequence = 1, Checksum = 0 })],
            },
        ]);

    private sealed class RecordingCommitter : ICheckpointCommitter
    {
        public List<string> Calls { get; } = [];

        public List<string> Committed { get; } = [];

        public int FailingCommits { get; set; }

        public Action? Before { get; set; }

        public ValueTask CommitAsync(IReadOnlyList<PreparedTransaction> transactions, CancellationToken cancellationToken)
        {
            Before?.Invoke();
            if (FailingCommits-- > 0)
            {
                throw new IOException("sink unreachable");
            }

            Calls.Add("commit " + string.Join(' ', transactions.Select(t => t.Id)));
            Committed.AddRange(transactions.Select(t => t.Id));
            return ValueTask.CompletedTask;
        }

        public ValueTask AbortOrphansAsync(long ownClaim, IReadOnlySet<string> keepTransactionIds, CancellationToken cancellationToken)
        {
            Calls.Add($"abort <{ownClaim} keep {string.Join(' ', keepTransactionIds)}");
            return ValueTask.CompletedTask;
        }
    }
}
