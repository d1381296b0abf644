namespace StreamKit;

/// <summary>An object in an <see cref="ICheckpointStore"/>, as a listing shows it.</summary>
/// <param name="Name">The whole name of the object, the prefix of the listing included.</param>
/// <param name="Length">Its length in bytes.</param>
public readonly record struct StoredObject(string Name, long Length);
