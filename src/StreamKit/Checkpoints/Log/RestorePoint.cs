namespace StreamKit.Checkpoints;

/// <summary>What a claim takes over from the log.</summary>
/// <param name="Tail">The number of the last entry; 0 for an empty log.</param>
/// <param name="Entry">The last entry, or the last one that can be read where the runner may go back; null for an empty log.</param>
/// <param name="Base">The checkpoint to start from; null when the job has none yet.</param>
/// <param name="Damage">What was found damaged and is left behind; empty unless the runner goes back.</param>
internal sealed record RestorePoint(long Tail, LogEntry? Entry, CheckpointManifest? Base, IReadOnlyList<CheckpointDamagedException> Damage)
{
    /// <summary>The checkpoints in force: none behind the one started from, which nobody may start from any more.</summary>
    public IReadOnlyList<long> Retained => Entry is null ? [] : [.. Entry.Retained.Where(number => !IsLeftBehind(number))];

    /// <summary>The checkpoints given up: those left behind are among them.</summary>
    public IReadOnlyList<long> Released => Entry is null ? [] : [.. Entry.Released.Concat(Entry.Retained.Where(IsLeftBehind)).Order()];

    private bool IsLeftBehind(long number) => Base is not null && number > Base.Number;
}
