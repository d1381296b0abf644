namespace StreamKit;

/// <summary>An <see cref="ICheckpointStore"/> has no object with the name that was asked for.</summary>
public sealed class StoredObjectNotFoundException : StreamKitException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="location">The store, as a person would find it: a folder, a bucket and prefix.</param>
    /// <param name="name">The name that was asked for.</param>
    /// <param name="innerException">The store's own exception, if there was one.</param>
    public StoredObjectNotFoundException(string location, string name, Exception? innerException = null)
        : base(
            $"The checkpoint store '{location}' has no object '{name}'. Was it deleted by hand, by a lifecycle rule, or is this the location of another job?",
            innerException) =>
        Name = name;

    /// <summary>The name that was asked for.</summary>
    public string Name { get; }
}
