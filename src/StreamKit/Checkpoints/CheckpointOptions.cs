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
