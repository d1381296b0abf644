namespace StreamKit.State.Faster;

/// <summary>
/// A local store has no room for a row, and no committed checkpoint allows it to drop older ones. The row was not taken; everything before it is
/// as it was. Wait for a checkpoint to be committed, and write the row again.
/// </summary>
internal sealed class LocalStoreFullException(string message) : StreamKitException(message);
