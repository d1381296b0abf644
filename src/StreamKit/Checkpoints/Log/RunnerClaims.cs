namespace StreamKit.Checkpoints;

/// <summary>
/// What a runner remembers of its claims from one attempt to the next, so that a restart never takes back a job that another runner has
/// taken over: without it, two runners whose sinks disturb each other would fence each other for ever. Owned by the job's supervisor.
/// </summary>
internal sealed class RunnerClaims
{
    private readonly HashSet<Guid> _attempts = [];

    /// <summary>True once a claim of this runner was proven.</summary>
    public bool HasHeldTheJob { get; private set; }

    public void Trying(Guid attempt) => _attempts.Add(attempt);

    public void Proven() => HasHeldTheJob = true;

    /// <summary>Whether the last entry of the log shows that the job is somebody else's now.</summary>
    public bool IsTakenOver(LogEntry tail) => HasHeldTheJob && !_attempts.Contains(tail.Attempt);
}
