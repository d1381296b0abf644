namespace StreamKit.Checkpoints;

/// <summary>A checkpoint that somebody asked for and waits for.</summary>
/// <param name="Kind">Why it is taken.</param>
/// <param name="ForSavepoint">True when it is to stay in force for being copied, and counts only with all its transactions committed.</param>
/// <param name="Completion">Completes with it.</param>
internal sealed record RequestedCheckpoint(CheckpointKind Kind, bool ForSavepoint, TaskCompletionSource<CheckpointResult> Completion);

/// <summary>The checkpoint that is being taken. Owned by the coordinator.</summary>
internal sealed class RunningCheckpoint(PendingCheckpoint pending, CheckpointKind kind, long began, RequestedCheckpoint? requested)
{
    public PendingCheckpoint Pending => pending;

    public CheckpointKind Kind => kind;

    public long Began => began;

    public bool IsForSavepoint => requested is { ForSavepoint: true };

    public TaskCompletionSource<CheckpointResult>? Completion => requested?.Completion;

    public CheckpointRequest Request => new(pending.Id, kind);

    public ITimer? Timeout { get; set; }

    public bool IsCommitting { get; set; }

    /// <summary>What came of it.</summary>
    /// <param name="manifest">What was committed; null without a store.</param>
    /// <param name="duration">From its beginning to its end.</param>
    public CheckpointResult ResultOf(CheckpointManifest? manifest, TimeSpan duration)
    {
        List<SegmentReference> segments = [.. manifest?.Operators.SelectMany(static each => each.Segments) ?? []];
        long own = SegmentReference.SequenceOf(manifest?.Claim ?? 0, pending.Id);
        long written = segments.Where(each => each.Sequence == own).Sum(static each => each.Length);
        return new CheckpointResult(pending.Id, manifest?.Number ?? 0, kind, duration, written, segments.Sum(static each => each.Length), manifest);
    }
}
