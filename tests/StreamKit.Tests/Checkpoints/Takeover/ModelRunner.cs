using System.Globalization;
using System.IO.Pipelines;
using Microsoft.Extensions.Logging.Abstractions;
using StreamKit.Checkpoints;
using StreamKit.State;
using StreamKit.Tests.TestSupport;

namespace StreamKit.Tests.Checkpoints.Takeover;

/// <summary>A call to the outside that waits for its fate.</summary>
internal sealed record PendingCall(TaskCompletionSource<Fate> Fate, bool CanFail);

/// <summary>
/// One process that runs the job: it claims, recovers, and takes a checkpoint after every record, whose transaction holds that record.
/// </summary>
internal sealed class ModelRunner : ICheckpointCommitter
{
    private static readonly SubtaskId s_subtask = new("job", 0);

    private readonly ModelSink _sink;
    private readonly ManualContext _context;
    private readonly Func<Guid> _identities;
    private readonly int _records;
    private readonly BrokenRule _broken;
    private readonly GatedStore _store;
    private readonly ImmediateTimeProvider _clock = new();
    private bool _isKilled;
    private int _position;

    public ModelRunner(
        int number, InMemoryCheckpointStore store, ModelSink sink, ManualContext context, Func<Guid> identities, int records, BrokenRule broken)
    {
        Number = number;
        _sink = sink;
        _context = context;
        _identities = identities;
        _records = records;
        _broken = broken;
        _store = new GatedStore(store, this, broken);
    }

    public int Number { get; }

    public PendingCall? PendingCall { get; private set; }

    public Exception? Failure { get; private set; }

    public bool HasFinished { get; private set; }

    private CheckpointLog? Log { get; set; }

    private CheckpointCoordinator? Coordinator { get; set; }

    public void Start() => _ = RunAsync();

    public void Resolve(Fate fate)
    {
        PendingCall call = PendingCall!;
        PendingCall = null;
        _isKilled |= fate == Fate.Killed;
        if (!_isKilled)
        {
            call.Fate.SetResult(fate);
        }
    }

    /// <summary>Waits for the fate of a call, makes it, and loses the answer if that is its fate.</summary>
    public async ValueTask<T> CallAsync<T>(bool canFail, Func<ValueTask<T>> call)
    {
        Assert.Null(PendingCall);
        var pending = new PendingCall(new TaskCompletionSource<Fate>(), canFail);
        PendingCall = pending;
        Fate fate = await pending.Fate.Task;
        if (fate == Fate.Failed)
        {
            throw new IOException("injected: failed");
        }

        T answer = await call();
        return fate == Fate.AnswerLost ? throw new IOException("injected: answer lost") : answer;
    }

    public async ValueTask CommitAsync(IReadOnlyList<PreparedTransaction> transactions, CancellationToken cancellationToken)
    {
        foreach (PreparedTransaction transaction in transactions)
        {
            await CallAsync(canFail: true, () =>
            {
                _sink.Commit(transaction.Id);
                return ValueTask.FromResult(true);
            });
        }
    }

    public async ValueTask AbortOrphansAsync(long ownClaim, IReadOnlySet<string> keepTransactionIds, CancellationToken cancellationToken) =>
        await CallAsync(canFail: false, () =>
        {
            _sink.Abort((claim, id) => (claim < ownClaim || (_broken == BrokenRule.AbortsHigherClaims && claim > ownClaim)) && !keepTransactionIds.Contains(id));
            return ValueTask.FromResult(true);
        });

    private async Task RunAsync()
    {
        try
        {
            Log = await CheckpointLog.ClaimAsync(_store, "job", 1, 1, new RunnerClaims(), _identities, _clock, NullLogger.Instance, default);
            await RestoreAsync();
            Coordinator = new CheckpointCoordinator(Setup());
            await Coordinator.RecoverAsync(default);
            while (_position < _records)
            {
                await Coordinator.TriggerAsync(CheckpointKind.Manual);
            }

            HasFinished = true;
        }
        catch (Exception e)
        {
            Failure ??= e;
        }
    }

    private async ValueTask RestoreAsync()
    {
        if (Log!.Base is not { } manifest)
        {
            return;
        }

        foreach (SegmentReference segment in manifest.Operators[0].Segments)
        {
            try
            {
                await using Stream stream = await _store.OpenReadAsync(segment.ObjectName!, 0, null, default);
                _position = stream.ReadByte();
            }
            catch (StoredObjectNotFoundException) when (_store.Names.Contains(StoredNames.LogEntry(Log.Claim)) && _store.IsTail(Log.Claim))
            {
                _sink.Violations.Add($"runner {Number} starts from {segment.ObjectName}, which was deleted");
                throw;
            }
        }
    }

    private CheckpointCoordinatorSetup Setup() => new()
    {
        JobName = "job",
        Options = new CheckpointOptions { Interval = null, TolerableFailures = 2 },
        TimeProvider = _clock,
        Logger = NullLogger.Instance,
        Context = _context,
        Log = Log,
        Participants = [s_subtask],
        Committers = new Dictionary<string, ICheckpointCommitter> { ["out"] = this },
        TriggerSources = request => _ = SnapshotAsync(request.Id),
        OnFailure = e => Failure ??= e,
    };

    private async Task SnapshotAsync(long id)
    {
        int record = _position++;
        string transaction = string.Create(CultureInfo.InvariantCulture, $"{Log!.Claim}-{id}");
        await CallAsync(canFail: false, () =>
        {
            _sink.Prepare(transaction, Log.Claim, record);
            return ValueTask.FromResult(true);
        });
        PreparedTransaction[] prepared = [new PreparedTransaction("out", transaction, default)];
        string file = StoredNames.Data(Log.Claim, id, "0");
        try
        {
            await _store.PutAsync(file, PipeReader.Create(new MemoryStream([(byte)_position])), default);
            Coordinator!.Acknowledge(id, new SubtaskSnapshot(s_subtask, [Snapshot(file, prepared)]));
        }
        catch (IOException e)
        {
            Coordinator!.Decline(id, s_subtask, e, prepared);
        }
    }

    private static OperatorSnapshot Snapshot(string file, PreparedTransaction[] prepared) => new()
    {
        OperatorName = "out",
        Parallelism = 1,
        Subtask = 0,
        Watermark = 0,
        Segments = [new SegmentReference { ObjectName = file, Length = 1, KeyGroups = new KeyGroupRange(0, 0), Sequence = 0, Checksum = 0 }],
        Prepared = prepared,
    };
}
