namespace StreamKit.Checkpoints;

/// <summary>
/// What a runner remembers from one attempt to the next. Its claims, so that a restart never takes back a job that another runner has
/// taken over: without it, two runners whose sinks disturb each other would fence each other for ever. And the checkpoints it found
/// damaged while it loaded them. Owned by the job's supervisor.
/// </summary>
internal sealed class RunnerClaims
{
    private readonly HashSet<Guid> _attempts = [];
    private readonly Dictionary<long, CheckpointDamagedException> _damaged = [];
    private readonly Dictionary<string, CheckpointDamagedException> _damagedObjects = [];

    /// <summary>Whether the user allows to go back behind a damaged checkpoint.</summary>
    public bool MayGoBack { get; init; }

    /// <summary>The newest checkpoint, for those who read it beside the job.</summary>
    public CommittedCheckpoints Committed { get; } = new();

    /// <summary>True once a claim of this runner was proven.</summary>
    public bool HasHeldTheJob { get; private set; }

    public void Trying(Guid attempt) => _attempts.Add(attempt);

    public void Proven() => HasHeldTheJob = true;

    /// <summary>The checkpoints that cannot be started from, each with the reason.</summary>
    public IReadOnlyDictionary<long, CheckpointDamagedException> Damaged => _damaged;

    /// <summary>The objects that were found damaged while the job was running: no checkpoint that names one can be started from.</summary>
    public IReadOnlyDictionary<string, CheckpointDamagedException> DamagedObjects => _damagedObjects;

    public void FoundDamaged(long checkpoint, CheckpointDamagedException cause) => _damaged[checkpoint] = cause;

    public void FoundDamaged(CheckpointDamagedException finding) => _damagedObjects[finding.ObjectName] = finding;

    /// <summary>Whether the last entry of the log shows that the job is somebody else's now.</summary>
    public bool IsTakenOver(LogEntry tail) => HasHeldTheJob && !_attempts.Contains(tail.Attempt);
}
