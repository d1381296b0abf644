namespace StreamKit.Checkpoints;

/// <summary>What the user says about starting from stored state.</summary>
/// <param name="Savepoint">What a job without checkpoints of its own starts from; null for nothing.</param>
/// <param name="Renames">Stored names of operators to those that they have now.</param>
/// <param name="AllowNonRestoredState">Whether state that nobody takes over is dropped rather than refused.</param>
internal sealed record RestoreRules(ICheckpointStore? Savepoint, IReadOnlyDictionary<string, string> Renames, bool AllowNonRestoredState)
{
    public static RestoreRules Default { get; } = new(null, new Dictionary<string, string>(), false);
}
