namespace StreamKit;

/// <summary>
/// A local store has no room for a row, and no committed checkpoint allows it to drop older ones. The row was not taken; everything before it is
/// as it was. The engine waits for the next checkpoint, and writes the row again.
/// </summary>
/// <param name="message">What is full, how much is used, and what can be done.</param>
public sealed class LocalStoreFullException(string message) : StreamKitException(message);
