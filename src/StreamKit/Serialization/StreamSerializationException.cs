namespace StreamKit;

/// <summary>A value could not be turned into bytes, bytes could not be turned into a value, or a type has no serializer.</summary>
public sealed class StreamSerializationException : StreamKitException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, the value found, the value expected, and what to do.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public StreamSerializationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
