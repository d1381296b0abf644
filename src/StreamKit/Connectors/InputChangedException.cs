namespace StreamKit;

/// <summary>
/// The files that a job is to read are not those that its checkpoint has begun to read: one has other contents now, or the source has been given another path.
/// The remedy is to bring the old files back, or to start the job anew.
/// </summary>
public sealed class InputChangedException : StreamKitException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which file, how it has changed, and what to do.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public InputChangedException(string message, Exception? innerException = null)
        : base(message, innerException) => IsPermanent = true;
}
