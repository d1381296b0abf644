namespace StreamKit.Checkpoints;

internal enum LogEntryKind
{
    /// <summary>A runner takes the job over.</summary>
    Claim = 0,

    /// <summary>A checkpoint is committed.</summary>
    Checkpoint = 1,
}

/// <summary>One entry of the checkpoint log. It is written once, and its bytes are its identity.</summary>
internal sealed record LogEntry
{
    public required LogEntryKind Kind { get; init; }

    /// <summary>Its place in the log, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>The claim of the runner that writes it; its own number for a claim.</summary>
    public required long Claim { get; init; }

    /// <summary>Drawn afresh for each attempt to claim, and repeated in the checkpoints made under that claim.</summary>
    public required Guid Attempt { get; init; }

    public required JobIdentity Job { get; init; }

    /// <summary>When it was made: milliseconds since the Unix epoch, by the job's clock.</summary>
    public required long Timestamp { get; init; }

    /// <summary>The numbers of the checkpoints in force, ascending; a checkpoint's own included.</summary>
    public required IReadOnlyList<long> Retained { get; init; }

    /// <summary>The numbers of the checkpoints given up, whose deletion is not known to be complete, ascending.</summary>
    public required IReadOnlyList<long> Released { get; init; }

    /// <summary>The checkpoint, or what a claim starts from; null for a claim that starts from nothing.</summary>
    public required CheckpointManifest? Manifest { get; init; }
}
