namespace StreamKit;

/// <summary>When checkpoints are taken and how many are kept.</summary>
public sealed class CheckpointOptions
{
    /// <summary>The time from the beginning of one checkpoint to the beginning of the next; 10 seconds by default. Null takes them by request only.</summary>
    public TimeSpan? Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a checkpoint may take until all of the job has contributed to it; 10 minutes by default. After that it has failed.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The least time between the end of one checkpoint and the beginning of the next periodic one; zero by default.</summary>
    public TimeSpan MinimumPause { get; set; } = TimeSpan.Zero;

    /// <summary>How many checkpoints the store keeps; 3 by default, at least 1.</summary>
    public int Retained { get; set; } = 3;

    /// <summary>How many checkpoints in a row may fail before the job fails; 0 by default, so that the first failure does.</summary>
    public int TolerableFailures { get; set; }

    /// <summary>
    /// Whether a job whose newest checkpoint is damaged may start from the one before it, as far as that is kept; false by default: the job
    /// then fails to start, and names what is damaged.
    /// </summary>
    /// <remarks>
    /// Going back repeats what was processed since the older checkpoint. Output of exactly-once sinks that was committed since then is
    /// committed a second time; what was prepared but not yet committed is discarded. The checkpoints gone back behind are given up for
    /// good. State is as of the older checkpoint, so everything stays consistent but for the repeated output. A job that has no checkpoint
    /// left to go back to fails to start: it never starts over by itself.
    /// </remarks>
    public bool FallBackFromDamagedCheckpoint { get; set; }

    /// <summary>What is wrong with the settings; each line names the setting, its value and the remedy.</summary>
    internal IEnumerable<string> Validate()
    {
        if (Interval <= TimeSpan.Zero)
        {
            yield return $"The checkpoint interval is {Interval}. Give a positive time, or null for checkpoints by request only.";
        }

        if (Timeout <= TimeSpan.Zero)
        {
            yield return $"The checkpoint timeout is {Timeout}. Give a positive time.";
        }

        if (MinimumPause < TimeSpan.Zero)
        {
            yield return $"The minimum pause between checkpoints is {MinimumPause}. Give zero or a positive time.";
        }

        if (Retained < 1)
        {
            yield return $"The number of retained checkpoints is {Retained}. Keep at least 1: a job restarts from it.";
        }

        if (TolerableFailures < 0)
        {
            yield return $"The number of tolerable checkpoint failures is {TolerableFailures}. Give 0 or more.";
        }
    }
}
