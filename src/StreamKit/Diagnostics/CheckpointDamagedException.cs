namespace StreamKit;

/// <summary>Stored bytes of a checkpoint are not what was written: a checksum does not match, or something is missing.</summary>
public sealed class CheckpointDamagedException : StreamKitException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="objectName">The stored object.</param>
    /// <param name="part">The part of it, for instance <c>block 3</c>.</param>
    /// <param name="finding">What was found and what was expected.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public CheckpointDamagedException(string objectName, string part, string finding, Exception? innerException = null)
        : base(
            $"The stored object '{objectName}' is damaged in its {part}: {finding}. Nothing was read from it. Bring the object back from a copy, or go back to an older checkpoint.",
            innerException)
    {
        ObjectName = objectName;
        Part = part;
    }

    /// <summary>Says what a finding means to a job that was about to start.</summary>
    internal CheckpointDamagedException(string message, long? checkpoint, CheckpointDamagedException cause)
        : base(message, cause)
    {
        ObjectName = cause.ObjectName;
        Part = cause.Part;
        Checkpoint = checkpoint;
    }

    /// <summary>The stored object.</summary>
    public string ObjectName { get; }

    /// <summary>The part of it that is damaged.</summary>
    public string Part { get; }

    /// <summary>The checkpoint that cannot be started from because of it; null when that is not known.</summary>
    public long? Checkpoint { get; }

    /// <summary>What was found, without what it means to the job.</summary>
    internal CheckpointDamagedException Finding => InnerException as CheckpointDamagedException ?? this;
}
