namespace StreamKit;

/// <summary>A job was asked for something that is in its newest checkpoint, and has none yet, or has not started and so does not know it. Try again later.</summary>
public sealed class NoCheckpointException : StreamKitException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="jobName">The job.</param>
    public NoCheckpointException(string jobName)
        : base($"Job '{jobName}' has not started yet, or has taken no checkpoint, and what it is asked is answered from the newest one. Start it, and wait for one or await TriggerCheckpointAsync.") =>
        JobName = jobName;

    /// <summary>The job.</summary>
    public string JobName { get; }
}
