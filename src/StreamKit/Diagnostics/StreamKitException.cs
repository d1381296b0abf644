namespace StreamKit;

/// <summary>The root of every exception that StreamKit throws on purpose. Its message names the thing, the value found, and the remedy.</summary>
public class StreamKitException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, the value found, the value expected, and what to do.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public StreamKitException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>True when another attempt from the same checkpoint must fail in the same way: the job then fails at once, whatever its restart strategy. False by default.</summary>
    public bool IsPermanent { get; init; }
}
