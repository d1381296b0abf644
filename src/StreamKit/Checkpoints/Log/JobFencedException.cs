namespace StreamKit;

/// <summary>
/// Another runner has taken the job over. This one has stopped for good: it neither commits nor discards anything any more, and no
/// restart strategy restarts it.
/// </summary>
public sealed class JobFencedException : StreamKitException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Who took over, and where this runner stopped.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public JobFencedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
