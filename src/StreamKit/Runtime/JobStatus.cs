namespace StreamKit;

/// <summary>Where a job is in its life.</summary>
public enum JobStatus
{
    /// <summary>Built, not started.</summary>
    Created,

    /// <summary>Taking the job over, restoring state.</summary>
    Starting,

    /// <summary>Processing.</summary>
    Running,

    /// <summary>Failed; waiting for the next attempt.</summary>
    Restarting,

    /// <summary>Taking the final checkpoint.</summary>
    Stopping,

    /// <summary>All input is processed, all output committed. Running it again processes nothing.</summary>
    Finished,

    /// <summary>Stopped with a final checkpoint; started again, it goes on.</summary>
    Stopped,

    /// <summary>Cancelled; started again, it goes on from its latest checkpoint.</summary>
    Canceled,

    /// <summary>Failed for good; started again, it goes on from its latest checkpoint.</summary>
    Failed,
}
