using System.IO.Pipelines;

namespace StreamKit;

/// <summary>
/// Where the checkpoints of one job live: named, immutable objects in a folder, a bucket prefix, or the like. Each job has a store
/// location of its own.
/// </summary>
/// <remarks>
/// <para>
/// Names are relative, at most 512 characters, and made of parts separated by <c>/</c>. A part has 1 to 200 characters out of ASCII
/// letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, and neither begins nor ends with a dot. Names that differ only in the case of
/// letters are not used together. There are no folders: a name is one string, and a prefix may end anywhere in it.
/// </para>
/// <para>
/// A store knows bytes, never formats. It is called by many callers at once and from several processes at once, and it keeps its
/// promises between all of them: an object is visible whole or not at all, and a call that follows a completed one sees its effect.
/// A lifecycle rule that deletes objects by age must not touch the location.
/// </para>
/// <para>
/// A failed call throws a <see cref="StreamKitException"/> that names the location, the object and the cause. An exception never
/// means that nothing happened: the caller of <see cref="TryCreateAsync"/> repeats the call with the same bytes until it knows.
/// </para>
/// </remarks>
public interface ICheckpointStore
{
    /// <summary>
    /// Stores an object under a name, replacing the one that was there. Other callers see the old object, or none, until the whole
    /// new one is durable. After a cancellation, a failure or a crash there is no trace of the new object under any name.
    /// </summary>
    /// <param name="name">The name of the object.</param>
    /// <param name="content">
    /// The bytes, of unknown and possibly great length: read as a stream, and completed by the store in every case, with the exception
    /// where the call fails. When reading it throws, nothing is stored and the exception is passed on.
    /// </param>
    /// <param name="cancellationToken">Gives the upload up.</param>
    /// <returns>A task that completes when the object is durable and visible.</returns>
    /// <exception cref="StreamKitException">The object could not be stored.</exception>
    ValueTask PutAsync(string name, PipeReader content, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a small object only if there is none with that name. Of any number of callers that race for a name exactly one gets
    /// true. This is the commit of a checkpoint: the promise must hold across processes and machines.
    /// </summary>
    /// <param name="name">The name of the object.</param>
    /// <param name="content">The bytes; not used after the call.</param>
    /// <param name="cancellationToken">Stops waiting. The outcome is then unknown.</param>
    /// <returns>True when this call stored the object, which is then durable; false when there was one already.</returns>
    /// <exception cref="StreamKitException">The outcome is unknown: the object may have been stored.</exception>
    ValueTask<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Opens an object, or a range of its bytes, for reading.</summary>
    /// <param name="name">The name of the object.</param>
    /// <param name="offset">The first byte to read, from 0.</param>
    /// <param name="length">The number of bytes at most, or null for all that follow.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <returns>
    /// A stream of the bytes, read forward and disposed by the caller. It ends early, and may be empty, where the object ends before
    /// the range does.
    /// </returns>
    /// <exception cref="StoredObjectNotFoundException">There is no object with that name.</exception>
    /// <exception cref="StreamKitException">The object could not be read.</exception>
    ValueTask<Stream> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellationToken);

    /// <summary>Lists the objects whose names begin with a prefix.</summary>
    /// <param name="prefix">The prefix; the empty string for all objects.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    /// <returns>
    /// The objects in ordinal order of their names. Every object is listed whose <see cref="TryCreateAsync"/> or
    /// <see cref="PutAsync"/> completed before the call and that was not deleted since.
    /// </returns>
    /// <exception cref="StreamKitException">The location could not be listed.</exception>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Deletes objects. A name without an object is no error, so a repeated call is not either.</summary>
    /// <param name="names">The names of the objects.</param>
    /// <param name="cancellationToken">Stops between objects; some may then be gone.</param>
    /// <returns>A task that completes when the objects are gone.</returns>
    /// <exception cref="StreamKitException">An object could not be deleted; others may have been.</exception>
    ValueTask DeleteAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken);
}
